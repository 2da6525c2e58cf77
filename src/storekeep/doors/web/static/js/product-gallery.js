/* Thumbnails change the large picture in place; without script they are links to the pictures. */
class ProductGallery extends HTMLElement {
  connectedCallback() {
    if (this.ready) return;
    this.ready = true;
    this.addEventListener("click", (event) => {
      const link = event.target.closest(".thumbs a");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      const large = this.querySelector(".gallery-main img");
      large.src = link.href;
      large.alt = link.dataset.alt || "";
      for (const other of this.querySelectorAll(".thumbs a")) other.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
    });
  }
}
customElements.define("product-gallery", ProductGallery);
