/* Shows the number of things in the cart on cached pages. The cookie holds a number and nothing else. */
class CartCount extends HTMLElement {
  connectedCallback() {
    const found = document.cookie.match(/(?:^|; )cart_count=(\d{1,4})(?:;|$)/);
    if (!found) return;
    const count = Number(found[1]);
    this.textContent = count ? String(count) : "";
    this.classList.toggle("count", count > 0);
  }
}
customElements.define("cart-count", CartCount);
