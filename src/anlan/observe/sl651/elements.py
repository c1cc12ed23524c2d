"""The standard's elements and our quantities (SL 651-2014 table C.1, table 58).

Adding a maker's own code (FFxx) is configuration, not code: pass `extensions={"FF0B": Element(…)}`
to `decode` or `serve`. The standard has no identifier for the depth of street flooding, so every
city has its own; `PONDING` is ready for that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    NUMBER = "number"
    """BCD with the decimals that the identifier says."""
    STATUS = "status"
    """Four bytes, one bit each (table 58)."""
    RAIN_ARRAY = "rain_array"
    """One byte each, 0.1 mm."""
    LEVEL_ARRAY = "level_array"
    """Two bytes each, 0.01 m."""


@dataclass(frozen=True, slots=True)
class Element:
    quantity: str
    unit: str
    name: str
    text_code: str = ""
    """Identifier in ASCII frames."""
    digits: int = 8
    decimals: int = 0
    kind: Kind = Kind.NUMBER


Extensions = Mapping[str, Element]
PONDING: Final = Element("ponding_depth", "m", "积水深度", "", 7, 3)

_MM, _M, _FLOW, _MG = "mm", "m", "m³/s", "mg/L"


def _single() -> dict[str, Element]:
    rows: list[tuple[str, str, str, str, str, int, int]] = [
        ("01", "AC", "cross_section_area", "m²", "断面面积", 8, 2),
        ("02", "AI", "temperature", "℃", "瞬时气温", 3, 1),
        ("03", "C", "water_temperature", "℃", "瞬时水温", 3, 1),
        ("05", "DT", "duration", "min", "时段长", 4, 2),
        ("06", "ED", "evaporation_day", _MM, "日蒸发量", 5, 1),
        ("07", "EJ", "evaporation_today", _MM, "当前蒸发", 5, 1),
        ("08", "FL", "pressure", "hPa", "气压", 5, 0),
        ("09", "GH", "gate_opening", _M, "闸门开启高度", 5, 2),
        ("0A", "GN", "gate_number", "", "输水设备、闸门(组)编号", 3, 0),
        ("0B", "GS", "outlet_kind", "", "输水设备类别", 1, 0),
        ("0C", "GT", "gates_open", "", "闸门开启孔数", 3, 0),
        ("0D", "GTP", "ground_temperature", "℃", "地温", 3, 1),
        ("0E", "H", "groundwater_depth", _M, "地下水瞬时埋深", 6, 2),
        ("0F", "HW", "wave_height", _M, "波浪高度", 5, 2),
        ("18", "MST", "humidity", "%", "湿度", 4, 1),
        ("19", "NS", "pumps_running", "", "开机台数", 2, 0),
        ("1A", "P1", "rain_1h", _MM, "1小时时段降水量", 5, 1),
        ("1B", "P2", "rain_2h", _MM, "2小时时段降水量", 5, 1),
        ("1C", "P3", "rain_3h", _MM, "3小时时段降水量", 5, 1),
        ("1D", "P6", "rain_6h", _MM, "6小时时段降水量", 5, 1),
        ("1E", "P12", "rain_12h", _MM, "12小时时段降水量", 5, 1),
        ("1F", "PD", "rain_day", _MM, "日降水量", 5, 1),
        ("20", "PJ", "rain_today", _MM, "当前降水量", 5, 1),
        ("21", "PN01", "rain_1min", _MM, "1分钟时段降水量", 5, 1),
        ("22", "PN05", "rain_5min", _MM, "5分钟时段降水量", 5, 1),
        ("23", "PN10", "rain_10min", _MM, "10分钟时段降水量", 5, 1),
        ("24", "PN30", "rain_30min", _MM, "30分钟时段降水量", 5, 1),
        ("25", "PR", "rain_storm", _MM, "暴雨量", 5, 1),
        ("26", "PT", "rain_total", _MM, "降水量累计值", 6, 1),
        ("27", "Q", "flow", _FLOW, "瞬时流量、抽水流量", 9, 3),
        ("30", "QA", "flow_out_total", _FLOW, "总出库流量、过闸总流量", 9, 3),
        ("31", "QZ", "flow_gate", _FLOW, "输水设备流量、过闸(组)流量", 9, 3),
        ("32", "SW", "sediment_load", "10⁴ t", "输沙量", 11, 3),
        ("33", "UC", "wind_direction", "°", "风向", 2, 0),
        ("34", "UE", "wind_force", "", "风力(级)", 2, 0),
        ("35", "US", "wind_speed", "m/s", "风速", 4, 1),
        ("36", "VA", "velocity_mean", "m/s", "断面平均流速", 5, 3),
        ("37", "VJ", "velocity", "m/s", "当前瞬时流速", 5, 3),
        ("38", "VT", "battery_voltage", "V", "电源电压", 4, 2),
        ("39", "Z", "water_level", _M, "瞬时河道水位、潮位", 7, 3),
        ("3A", "ZB", "water_level_down", _M, "库(闸、站)下水位", 7, 3),
        ("3B", "ZU", "water_level_up", _M, "库(闸、站)上水位", 7, 3),
        ("44", "SQ", "sediment_concentration", "kg/m³", "含沙量", 9, 3),
        ("46", "PH", "ph", "", "pH值", 4, 2),
        ("47", "DO", "dissolved_oxygen", _MG, "溶解氧", 4, 1),
        ("48", "COND", "conductivity", "µS/cm", "电导率", 5, 0),
        ("49", "TURB", "turbidity", "NTU", "浊度", 3, 0),
        ("4A", "CODMN", "permanganate_index", _MG, "高锰酸盐指数", 4, 1),
        ("4B", "REDOX", "redox_potential", "mV", "氧化还原电位", 5, 1),
        ("4C", "NH4N", "ammonia_nitrogen", _MG, "氨氮", 6, 2),
        ("4D", "TP", "total_phosphorus", _MG, "总磷", 5, 3),
        ("4E", "TN", "total_nitrogen", _MG, "总氮", 5, 2),
        ("4F", "TOC", "total_organic_carbon", _MG, "总有机碳", 4, 2),
        ("50", "CU", "copper", _MG, "铜", 7, 4),
        ("51", "ZN", "zinc", _MG, "锌", 6, 4),
        ("52", "SE", "selenium", _MG, "硒", 7, 5),
        ("53", "AS", "arsenic", _MG, "砷", 7, 5),
        ("54", "THG", "mercury", _MG, "总汞", 7, 5),
        ("55", "CD", "cadmium", _MG, "镉", 7, 5),
        ("56", "PB", "lead", _MG, "铅", 7, 5),
        ("57", "CHLA", "chlorophyll_a", _MG, "叶绿素a", 4, 2),
    ]
    return {
        code: Element(quantity, unit, name, text, digits, decimals)
        for code, text, quantity, unit, name, digits, decimals in rows
    }


def _numbered() -> dict[str, Element]:
    """Families of eight: outlets, pressures, meters; soil depths; phases."""
    families: list[tuple[int, str, str, str, str, int, int]] = [
        (0x28, "Q{}", "flow_{}", _FLOW, "取(排)水口流量{}", 9, 3),
        (0x3C, "Z{}", "water_level_{}", _M, "取(排)水口水位{}", 7, 3),
        (0x58, "WP{}", "water_pressure_{}", "kPa", "水压{}", 5, 2),
        (0x60, "SYL{}", "meter_remaining_{}", "m³", "水表{}剩余水量", 11, 3),
        (0x68, "SBL{}", "meter_hourly_{}", "m³/h", "水表{}每小时水量", 10, 2),
    ]
    found = {
        f"{first + n - 1:02X}": Element(
            quantity.format(n), unit, name.format(n), text.format(n), digits, decimals
        )
        for first, text, quantity, unit, name, digits, decimals in families
        for n in range(1, 9)
    }
    for index, depth in enumerate((10, 20, 30, 40, 50, 60, 80, 100)):
        found[f"{0x10 + index:02X}"] = Element(
            f"soil_moisture_{depth}cm", "%", f"{depth}厘米处土壤含水量", f"M{depth}", 4, 1
        )
    for index, phase in enumerate("ABC"):
        low = phase.lower()
        found[f"{0x70 + index:02X}"] = Element(
            f"ac_voltage_{low}", "V", f"交流{phase}相电压", f"VT{phase}", 4, 1
        )
        found[f"{0x73 + index:02X}"] = Element(
            f"ac_current_{low}", "A", f"交流{phase}相电流", f"VI{phase}", 4, 1
        )
    return found


def _arrays() -> dict[str, Element]:
    found = {
        "F4": Element("rain_5min", _MM, "5分钟时段降水量", "DRP", 24, 1, Kind.RAIN_ARRAY),
        "45": Element("status", "", "遥测站状态及报警信息", "ZT", 8, 0, Kind.STATUS),
    }
    for n in range(1, 9):
        found[f"{0xF4 + n:02X}"] = Element(
            f"water_level_relative_{n}", _M, f"相对水位{n}", f"DRZ{n}", 48, 2, Kind.LEVEL_ARRAY
        )
    return found


ELEMENTS: Final[dict[str, Element]] = {**_single(), **_numbered(), **_arrays()}
TEXT_CODES: Final[dict[str, str]] = {e.text_code: code for code, e in ELEMENTS.items()}

STATUS_BITS: Final[tuple[tuple[str, str], ...]] = (
    ("status_mains_lost", "交流电停电"),
    ("status_battery_low", "蓄电池电压低"),
    ("status_level_alarm", "水位超限报警"),
    ("status_flow_alarm", "流量超限报警"),
    ("status_quality_alarm", "水质超限报警"),
    ("status_flow_meter_fault", "流量仪表故障"),
    ("status_level_gauge_fault", "水位仪表故障"),
    ("status_box_closed", "终端箱门关闭"),
    ("status_storage_fault", "存储器异常"),
    ("status_ic_card_valid", "IC卡有效"),
    ("status_pump_stopped", "水泵停机"),
    ("status_quota_exceeded", "剩余水量超限"),
)
"""1 is what the name says, bit 0 first."""

_SPECIAL: Final[dict[str, dict[int, Decimal | None]]] = {
    # E.3.2.2: 444 shut; 555 no gate, 888 lifted out of the water, 999 fully open are no heights.
    "09": {444: Decimal(0), 555: None, 888: None, 999: None},
    # E.8.2.2: the well is dry.
    "0E": {444: None},
}


def convert(code: str, value: Decimal) -> Decimal | None:
    """The value in the unit of our quantity."""
    if code == "05":  # HH.mm (E.1.2.3)
        hours = int(value)
        return hours * 60 + (value - hours) * 100
    if code == "33" and 1 <= value <= 16:  # sixteen winds, 1 is north (table E.1)
        return (value - 1) * Decimal("22.5")
    special = _SPECIAL.get(code)
    if special and value == value.to_integral_value():
        return special.get(int(value), value)
    return value
