// Only `cx docs --serve` adds this script. It asks for what is newer than the page: nothing wrong, the page loads again.
"use strict";

const newer = new EventSource("/-/live" + new URL(document.currentScript.src).search);
newer.onmessage = (message) => {
  const problem = JSON.parse(message.data);
  if (!problem) {
    newer.close();
    location.reload();
    return;
  }
  const box = document.getElementById("live-problem") || document.createElement("pre");
  box.id = "live-problem";
  box.setAttribute("role", "alert");
  box.style.cssText = "margin:0;padding:1em;white-space:pre-wrap;background:#7d1128;color:#fff";
  box.textContent = `Not built anew, this is the site as it was before:\n${problem}`;
  document.body.prepend(box);
};
