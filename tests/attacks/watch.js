// Runs before each page's own scripts: notes what no page may do.
window.__seen = [];
window.pwn = number => window.__seen.push("a script ran: " + number);
for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = () => window.__seen.push(name + " was called");
document.addEventListener("securitypolicyviolation", event => window.__seen.push("policy: " + event.violatedDirective + " " + event.blockedURI));
