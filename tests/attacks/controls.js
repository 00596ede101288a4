// The page's own controls: there, with a size, within the window, and not under anything else.
selectors => {
  const bad = [];
  for (const selector of selectors) {
    const element = [...document.querySelectorAll(selector)].find(item => item.getBoundingClientRect().width > 1); // 1: words for screen readers alone
    if (!element) { bad.push("gone: " + selector); continue; }
    const box = element.getBoundingClientRect();
    const found = document.elementFromPoint(box.left + Math.min(box.width / 2, 20), box.top + box.height / 2);
    if (box.left < 0 || box.right > innerWidth + 1) bad.push("outside the window: " + selector + " " + box.left + "-" + box.right);
    if (!found || !(element === found || element.contains(found) || found.contains(element))) bad.push("covered: " + selector);
  }
  if (document.documentElement.scrollWidth > innerWidth + 1) bad.push("the page is wider than the window: " + document.documentElement.scrollWidth);
  return bad;
}
