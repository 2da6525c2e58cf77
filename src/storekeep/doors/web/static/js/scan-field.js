/* A scanner is a fast keyboard. Each submit is read and cleared in the same tick, put into a queue kept in
   localStorage, and sent one at a time with a scan_id, so that the server can recognise a repeat.
   htmx's own queue would drop or mix fast scans, therefore this element sends by itself. What could not be sent waits,
   also while the page is closed, and goes in its order; a scan that is refused then is named in words. */
const SAME_CODE_MS = 400;
const BURST_GAP_MS = 50;
const BURST_MIN = 4;
const RETRY_MS = 1500;

class ScanField extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.form?.querySelector('[name="code"]');
    if (!this.input || this.ready) return;
    this.ready = true;
    this.key = "scans:" + this.form.action;
    this.queue = this.load();
    this.last = { code: "", at: 0 };
    this.burst = { text: "", at: 0 };
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.take(this.input.value);
    });
    this.onKey = (event) => this.strayKey(event);
    this.onOnline = () => this.send();
    document.addEventListener("keydown", this.onKey);
    window.addEventListener("online", this.onOnline);
    /* After the browser's own autofocus, which would complain about being late. */
    requestAnimationFrame(() => this.open());
    this.show();
    this.send();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.onKey);
    window.removeEventListener("online", this.onOnline);
    clearTimeout(this.timer);
    this.gone = true;
  }

  /* A scan may begin before the field has the focus: what was typed until then is the beginning of its code. */
  open() {
    this.input.focus();
    this.input.value = this.burst.text + this.input.value;
    this.burst = { text: "", at: 0 };
    this.opened = true;
  }

  load() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.key) || "[]");
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  store() {
    try {
      localStorage.setItem(this.key, JSON.stringify(this.queue));
    } catch {
      /* A full or forbidden storage only costs the reload safety. */
    }
  }

  take(text) {
    this.input.value = "";
    const code = text.trim();
    const now = performance.now();
    if (!code) return;
    const repeat = code === this.last.code && now - this.last.at < SAME_CODE_MS;
    if (repeat && this.dataset.mode !== "many") return;
    this.last = { code, at: now };
    this.queue.push({ id: crypto.randomUUID(), code });
    this.store();
    this.show();
    this.send();
  }

  /* Keys that arrive while the focus is elsewhere, but so fast that no person types them. */
  strayKey(event) {
    const target = event.target;
    if (target === this.input || target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter") {
      const { text, at } = this.burst;
      this.burst = { text: "", at: 0 };
      if (text.length >= BURST_MIN && event.timeStamp - at < BURST_GAP_MS) {
        event.preventDefault();
        this.take(text);
        this.input.focus();
      }
      return;
    }
    if (event.key.length !== 1) return;
    const goesOn = !this.opened || event.timeStamp - this.burst.at < BURST_GAP_MS;
    this.burst = { text: (goesOn ? this.burst.text : "") + event.key, at: event.timeStamp };
  }

  async send() {
    if (this.busy || this.gone || !this.queue.length) return;
    this.busy = true;
    const { id, code } = this.queue[0];
    const body = new URLSearchParams(new FormData(this.form));
    body.set("code", code);
    body.set("scan_id", id);
    let sent = false;
    try {
      const answer = await fetch(this.form.action, {
        method: "POST",
        body,
        headers: { "HX-Request": "true", "HX-Request-Type": "partial" },
        signal: AbortSignal.timeout(10000),
      });
      /* A server error may pass: the scan stays in the queue. Anything else is an answer. */
      sent = answer.status < 500;
      if (sent) sent = await this.answered(answer, code);
    } catch {
      sent = false;
    }
    if (sent) {
      this.queue.shift();
      this.store();
    }
    this.busy = false;
    this.show(!sent);
    if (this.gone) return;
    if (sent) this.send();
    else this.timer = setTimeout(() => this.send(), RETRY_MS);
  }

  /* False: the answer was not about this scan, which stays in the queue. */
  async answered(answer, code) {
    const place = answer.headers.get("HX-Location") || answer.headers.get("HX-Redirect");
    if (place) {
      /* The rest of the queue stays stored and goes on from the next page of the same form. */
      this.gone = true;
      const path = place.startsWith("{") ? JSON.parse(place).path : place;
      location.assign(path);
      return !path.includes("/login");
    }
    if (answer.redirected && answer.url.includes("/login")) {
      this.gone = true;
      location.assign(answer.url);
      return false;
    }
    const html = await answer.text();
    const target = document.getElementById(this.form.dataset.target);
    if (!target) return true;
    if (answer.status >= 400 && answer.status !== 422) {
      this.refused(target, code, html);
      return true;
    }
    target.innerHTML = html;
    window.htmx?.process(target);
    const said = target.querySelector("[data-sound]");
    if (said) this.sound(said.dataset.sound);
    return true;
  }

  refused(target, code, html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const why = page.querySelector("main p, .problem p, p")?.textContent.trim() ?? "";
    const box = document.createElement("div");
    box.className = "scan-said scan-bad";
    box.setAttribute("role", "alert");
    box.textContent = `Scan ${code} was not taken. ${why}`;
    target.prepend(box);
    this.sound("bad");
  }

  show(offline = false) {
    const place = this.querySelector("[data-waiting]");
    if (!place) return;
    const count = this.queue.length;
    place.textContent = count ? `${count} waiting${offline ? ", trying again" : ""}` : "";
  }

  /* High and short for right, low and long for wrong. The word on the screen says the same. */
  sound(kind) {
    try {
      this.audio ??= new AudioContext();
      const tone = this.audio.createOscillator();
      const loud = this.audio.createGain();
      const wrong = kind === "bad";
      tone.frequency.value = wrong ? 180 : 1100;
      loud.gain.value = 0.08;
      tone.connect(loud).connect(this.audio.destination);
      tone.start();
      tone.stop(this.audio.currentTime + (wrong ? 0.45 : 0.09));
    } catch {
      /* No sound device: the word is enough. */
    }
  }
}
customElements.define("scan-field", ScanField);
