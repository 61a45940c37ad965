
(() => {
  "use strict";
  const items = [...document.querySelectorAll(".item, .seen")];
  const tiles = [...document.querySelectorAll(".tile")];
  const search = document.getElementById("search");
  const rule = document.getElementById("rule");
  const words = new Map(items.map((item) => [item, item.textContent.toLowerCase()]));
  let result = "";

  const apply = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let cards = 0, seen = 0;
    for (const item of items) {
      const show =
        (!result || item.dataset.result.split(" ").includes(result)) &&
        (!rule.value || item.dataset.rule.split(" ").includes(rule.value)) &&
        wanted.every((word) => words.get(item).includes(word));
      item.hidden = !show;
      if (show) item.matches(".seen") ? (seen += 1) : (cards += 1);
    }
    for (const tile of tiles) tile.setAttribute("aria-pressed", String(tile.dataset.filter === result));
    document.getElementById("policies").hidden = seen === 0;
    document.getElementById("nothing").hidden = cards + seen > 0;
    const filtered = result || rule.value || wanted.length > 0;
    document.getElementById("count").textContent = filtered ? `${cards} of ${items.filter((item) => item.matches(".item")).length} findings` : "";
  };

  for (const tile of tiles) {
    tile.addEventListener("click", () => {
      result = result === tile.dataset.filter ? "" : tile.dataset.filter;
      apply();
    });
  }
  search.addEventListener("input", apply);
  rule.addEventListener("change", apply);

  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", async () => {
      const pre = button.parentElement.querySelector("pre");
      try {
        await navigator.clipboard.writeText(pre.textContent);
        button.textContent = "Copied";
      } catch {
        // no right to the clipboard: the text is selected instead
        getSelection().selectAllChildren(pre);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }
})();
