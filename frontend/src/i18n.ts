/** Strings that scripts show. The key is the English text; `zh` must hold every key used in t().
 *  A test (web/tests/test_frontend_strings.py) reads the sources and fails on a missing one. */

const zh: Record<string, string> = {
  "Close": "关闭",
  "The server did not answer.": "服务器没有应答。",
  "Check the network and try again.": "请检查网络后重试。",
  "Something went wrong on the server.": "服务器出错了。",
  "Tell your administrator this number: {reference}": "请把编号 {reference} 告诉管理员",
  "{n} s ago": "{n}秒前",
  "{n} min ago": "{n}分钟前",
  "{n} h ago": "{n}小时前",
  "{n} d ago": "{n}天前",
  "just now": "刚刚",
  "{time} left": "剩余 {time}",
  "{time} overdue": "已超时 {time}",
  "{d} d {h} h": "{d}天{h}小时",
  "{h} h {m} min": "{h}小时{m}分",
  "{m} min": "{m}分钟",
  "{s} s": "{s}秒",
  "No readings in this time.": "该时段没有监测数据。",
  "The data could not be loaded.": "数据加载失败。",
  "Nothing found": "没有找到",
  "This browser cannot draw maps.": "此浏览器无法显示地图。",
  "suspect": "可疑",
  "bad": "错误",
  "threshold": "阈值",
  "Received by the server": "服务器已收到",
  "Refused": "未被受理",
  "Kept on this phone, not yet sent": "已存在本机，尚未发送",
  "Send now": "立即发送",
  "Dismiss": "不再显示",
  "No network: kept on this phone.": "网络不通，已存在本机。",
  "It is sent by itself when the network is back.": "网络恢复后自动发送，不会丢失。",
  "Remove": "移除",
  "Position: this browser gives none (HTTPS is needed)": "位置：浏览器未提供（须用 HTTPS 访问）",
  "Position: looking …": "位置：正在定位……",
  "Position: found, within {n} m": "位置：已定位，误差约 {n} 米",
  "Position: not allowed. Allow it in the browser's settings.": "位置：未获授权，请在浏览器设置中允许定位。",
  "Position: not found. Go outside and try again.": "位置：未能定位，请到室外重试。",
  "A photo is still being prepared.": "照片正在处理，请稍候。",
  "Take a photo first.": "请先拍照。",
  "The position is still missing.": "尚未取得位置。",
  "Write a note first.": "请先填写说明。",
};

const chinese = !document.documentElement.lang.startsWith("en");

/** The text in the page's language, with {name} filled in. */
export function t(text: string, values: Record<string, string | number> = {}): string {
  const found = chinese ? (zh[text] ?? text) : text;
  return found.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export const locale = chinese ? "zh-CN" : "en-GB";
