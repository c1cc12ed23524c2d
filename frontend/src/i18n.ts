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
};

const chinese = !document.documentElement.lang.startsWith("en");

/** The text in the page's language, with {name} filled in. */
export function t(text: string, values: Record<string, string | number> = {}): string {
  const found = chinese ? (zh[text] ?? text) : text;
  return found.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export const locale = chinese ? "zh-CN" : "en-GB";
