// What makes pages smoother; every page does its work without it.
"use strict";

// After htmx has put a page in place, a reader is told its name and the keyboard goes on from its head.
document.addEventListener("htmx:afterSettle", (event) => {
  const said = document.getElementById("said");
  if (said) said.textContent = document.title;
  if (event.detail.boosted || event.detail.target === document.body) {
    const head = document.querySelector("[data-focus]") || document.querySelector("main h1");
    if (head) head.focus();
  }
  ready();
});

function ready() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.onclick = async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      document.getElementById("said").textContent = button.dataset.copied;
      button.textContent = button.dataset.copied;
    };
  }
  // A dangerous button waits for the name; the server looks again.
  for (const field of document.querySelectorAll("input[data-confirm]")) {
    const button = field.form.querySelector("button.danger");
    const look = () => { button.disabled = field.value.trim() !== field.dataset.confirm; };
    field.addEventListener("input", look);
    look();
  }
  for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;
}

document.addEventListener("DOMContentLoaded", ready);
