"""Control characters, functions and station classes (SL 651-2014 table 10, appendices A and B)."""

from enum import StrEnum
from typing import Final

SOH_BINARY: Final = b"\x7e\x7e"
SOH_ASCII: Final = 0x01
STX: Final = 0x02
SYN: Final = 0x16
ETX: Final = 0x03
ETB: Final = 0x17
ENQ: Final = 0x05
EOT: Final = 0x04
ACK: Final = 0x06
NAK: Final = 0x15
ESC: Final = 0x1B

STARTS: Final = frozenset({STX, SYN})
ENDS: Final = frozenset({ETX, ETB, ENQ, EOT, ACK, NAK, ESC})
"""Any end a frame may have; the standard's own example of function 50 goes up with ENQ."""


class Encoding(StrEnum):
    BINARY = "binary"
    ASCII = "ascii"
    HEX_TEXT = "hex-text"
    """Not in the standard: modems that send the binary frame as hexadecimal text."""


LINK: Final = 0x2F
TEST: Final = 0x30
UNIFORM: Final = 0x31
TIMED: Final = 0x32
EXTRA: Final = 0x33
HOURLY: Final = 0x34
MANUAL: Final = 0x35
PICTURE: Final = 0x36
REALTIME: Final = 0x37
PERIOD: Final = 0x38
MANUAL_QUERY: Final = 0x39
CHOSEN: Final = 0x3A
PUMP_MOTOR: Final = 0x44

FUNCTIONS: Final[dict[int, str]] = {
    0x2F: "链路维持报",
    0x30: "测试报",
    0x31: "均匀时段水文信息报",
    0x32: "遥测站定时报",
    0x33: "遥测站加报报",
    0x34: "遥测站小时报",
    0x35: "遥测站人工置数报",
    0x36: "遥测站图片报",
    0x37: "查询遥测站实时数据",
    0x38: "查询遥测站时段数据",
    0x39: "查询遥测站人工置数",
    0x3A: "查询遥测站指定要素数据",
    0x40: "修改遥测站基本配置表",
    0x41: "读取遥测站基本配置表",
    0x42: "修改遥测站运行参数配置表",
    0x43: "读取遥测站运行参数配置表",
    0x44: "查询水泵电机实时工作数据",
    0x45: "查询遥测终端软件版本",
    0x46: "查询遥测站状态和报警信息",
    0x47: "初始化固态存储数据",
    0x48: "恢复终端出厂设置",
    0x49: "修改密码",
    0x4A: "设置遥测站时钟",
    0x4B: "设置遥测终端IC卡状态",
    0x4C: "控制水泵开关/水泵状态自报",
    0x4D: "控制阀门开关/阀门状态自报",
    0x4E: "控制闸门开关/闸门状态自报",
    0x4F: "水量定值控制",
    0x50: "查询遥测站事件记录",
    0x51: "查询遥测站时钟",
}

WITH_READINGS: Final = frozenset({*range(0x2F, 0x3B), PUMP_MOTOR})
"""Functions whose body carries elements (appendix C); the others carry settings (appendix D)."""

SELF_REPORTED: Final = frozenset(range(0x2F, 0x37))

STATION_CLASSES: Final[dict[str, str]] = {
    "P": "降水",
    "H": "河道",
    "K": "水库(湖泊)",
    "Z": "闸坝",
    "D": "泵站",
    "T": "潮汐",
    "M": "墒情",
    "G": "地下水",
    "Q": "水质",
    "I": "取水口",
    "O": "排水口",
}
