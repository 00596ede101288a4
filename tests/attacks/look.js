// What is wrong with the page as it stands, and whether the hostile text is told on it.
() => {
  const bad = [...window.__seen];
  window.__seen.length = 0;
  const own = location.origin;
  for (const element of document.querySelectorAll("*")) {
    for (const {name, value} of element.attributes) {
      if (name.startsWith("on") || name === "srcdoc") bad.push("handler " + name + " on " + element.tagName);
      if (["href", "src", "action", "formaction", "data", "poster", "xlink:href"].includes(name)) {
        let url;
        try { url = new URL(value, own + "/"); } catch { continue; }
        const shown = element.tagName === "A" && /^(http|https|mailto|tel):$/.test(url.protocol);
        if (!["http:", "https:", "mailto:", "tel:", "data:"].includes(url.protocol)) bad.push("scheme " + value);
        else if (url.protocol === "data:" && element.tagName !== "IMG" && element.tagName !== "LINK") bad.push("data " + value);
        else if (url.origin !== own && url.protocol.startsWith("http") && !(shown && /noopener/.test(element.rel) && element.textContent.includes(url.host))) bad.push("leads elsewhere: " + element.outerHTML.slice(0, 200));
      }
    }
    if (["IFRAME", "OBJECT", "EMBED", "BASE", "APPLET", "FRAME"].includes(element.tagName)) bad.push("element " + element.tagName);
    if (element.tagName === "IMG" && element.src && new URL(element.src).origin !== own) bad.push("picture " + element.src);
    if (element.tagName === "SCRIPT" && !element.src && !element.nonce && element.type !== "application/json") bad.push("script " + element.textContent.slice(0, 80));
    if (element.tagName === "STYLE" && !element.nonce) bad.push("style " + element.textContent.slice(0, 80));
    if (element.tagName === "META" && element.httpEquiv) bad.push("meta " + element.outerHTML);
  }
  if (document.body.textContent.includes("%SUM%")) bad.push("a template engine worked on the text");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (document.styleSheets.length && walker.nextNode()) {
    if (!/[\u202a-\u202e\u2066-\u2069]/.test(walker.currentNode.data)) continue;
    const parent = walker.currentNode.parentElement;
    if (["OPTION", "TEXTAREA", "SCRIPT", "TEMPLATE", "TITLE", "text", "title"].includes(parent.tagName)) continue;
    if (getComputedStyle(parent).unicodeBidi === "normal") bad.push("direction leaks from " + parent.tagName + "." + parent.className + " in " + parent.parentElement.outerHTML.slice(0, 120));
  }
  const told = document.body.innerText.includes("%MARK%");
  return {bad, told};
}
