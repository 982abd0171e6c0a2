// Shows the tiles that fit every filter and hold every word typed. Without this script the page is the full list.
"use strict";

const form = document.querySelector(".search");
const found = document.getElementById("found");
const filters = ["domain", "group", "kind", "state", "stage"].map((name) => form.elements[name]);
const groups = Array.from(document.querySelectorAll(".group"));
const tiles = Array.from(document.querySelectorAll(".tile[data-f]"), (tile) => {
  const facets = tile.dataset.f.split(" ");
  const stages = facets[4].split(",");
  // What a tile does not say itself: the words of its filters, and the metric's name.
  const words = filters.flatMap((filter, i) =>
    filter ? Array.from(filter.options).filter((o) => (i < 4 ? facets[i] : stages).includes(o.value) && o.value) : []
  );
  const name = tile.querySelector("a").getAttribute("href").replaceAll("_", " ");
  return { tile, facets, stages, text: [tile.textContent, name, ...words.map((o) => o.text)].join(" ").toLowerCase() };
});

function fits({ facets, stages, text }, chosen, words) {
  return (
    chosen.every((value, i) => !value || (i < 4 ? facets[i] === value : stages.includes(value))) &&
    words.every((word) => text.includes(word))
  );
}

function show() {
  const words = form.elements.search.value.toLowerCase().split(/[\s_]+/).filter(Boolean);
  const chosen = filters.map((filter) => (filter ? filter.value : ""));
  let shown = 0;
  for (const item of tiles) {
    const isShown = fits(item, chosen, words);
    if (item.tile.hidden === isShown) item.tile.hidden = !isShown;
    shown += isShown;
  }
  for (const group of groups) group.classList.toggle("is-empty", !group.querySelector(".tile:not([hidden])"));
  const isAll = !words.length && !chosen.some(Boolean);
  found.textContent = isAll ? "" : `${shown} of ${tiles.length} metrics`;
}

form.hidden = false;
// Enter goes to the first metric that fits.
form.addEventListener("submit", (event) => {
  event.preventDefault();
  document.querySelector(".tile[data-f]:not([hidden]) a")?.focus();
});
form.addEventListener("input", show);
form.addEventListener("reset", () => setTimeout(show));
show();
