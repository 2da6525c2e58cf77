/* A form with data-auto-submit sends itself when a choice changes; its button stays for those without script.
   After an answer with errors the list of problems gets the focus, so that it is read first. */
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.hasAttribute("data-auto-submit") && event.target.type !== "number") form.requestSubmit();
});

const focusProblems = () => document.getElementById("problems")?.focus();
document.addEventListener("htmx:after:swap", focusProblems);
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", focusProblems);
else focusProblems();

/* A menu in <details> closes on Escape and gives the focus back. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = event.target.closest?.(".store-menu[open], .console-menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
