/* Plus and minus beside a number field. With data-auto a change submits the form after a short pause. */
class QuantityStepper extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    if (!this.input || this.ready) return;
    this.ready = true;
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-step]");
      if (button) this.step(Number(button.dataset.step));
    });
    this.input.addEventListener("input", () => this.changed());
    this.refresh();
  }

  step(by) {
    const low = Number(this.input.min || 0);
    const high = Number(this.input.max || 9999);
    const next = Math.min(high, Math.max(low, (Number(this.input.value) || 0) + by));
    if (next === Number(this.input.value)) return;
    this.input.value = String(next);
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  changed() {
    this.refresh();
    if (!("auto" in this.dataset) || !this.input.form || !this.input.checkValidity()) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.input.form?.requestSubmit(), 600);
  }

  refresh() {
    const value = Number(this.input.value);
    for (const button of this.querySelectorAll("button[data-step]")) {
      const down = Number(button.dataset.step) < 0;
      button.disabled = down ? value <= Number(this.input.min || 0) : value >= Number(this.input.max || 9999);
    }
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }
}
customElements.define("quantity-stepper", QuantityStepper);
