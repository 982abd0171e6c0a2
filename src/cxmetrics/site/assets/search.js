// Shows the tiles that hold every word typed. Without this script the page is the full list.
"use strict";

const form = document.querySelector(".search");
const box = document.getElementById("search");
const found = document.getElementById("found");
const tiles = Array.from(document.querySelectorAll(".tile[data-words]"));

function show() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const tile of tiles) {
    const fits = words.every((word) => tile.dataset.words.includes(word));
    tile.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  found.textContent = words.length ? `${shown} of ${tiles.length} metrics` : "";
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
box.addEventListener("input", show);
show();
