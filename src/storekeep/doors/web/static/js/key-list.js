/* j and k move through the rows of a list, Enter opens one; "/" goes to the search, other elements name
   their key in data-key. All single keys are off inside fields, on scanner pages, and with data-keys="off". */
const inField = (element) => Boolean(element?.closest?.("input, textarea, select, [contenteditable], dialog"));
const keysAreOff = () => Boolean(document.querySelector("scan-field")) || document.body.dataset.keys === "off";

class KeyList extends HTMLElement {
  get links() {
    return [...this.querySelectorAll("tbody tr")].map((row) => row.querySelector("a")).filter(Boolean);
  }

  move(by) {
    const links = this.links;
    if (!links.length) return;
    const row = document.activeElement?.closest?.("tr");
    const at = row ? links.findIndex((link) => row.contains(link)) : -1;
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by));
    links[next].focus();
    links[next].scrollIntoView({ block: "nearest" });
  }
}
customElements.define("key-list", KeyList);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || inField(event.target) || keysAreOff()) return;
  const list = document.querySelector("key-list");
  if (list && (event.key === "j" || event.key === "k")) {
    list.move(event.key === "j" ? 1 : -1);
    event.preventDefault();
    return;
  }
  const wanted = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("input, select, textarea")) wanted.focus();
  else wanted.click();
});
