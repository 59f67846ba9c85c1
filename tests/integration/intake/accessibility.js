// Lists what breaks the parts of WCAG 2.2 AA that can be computed from a page as it is shown.
() => {
  const faults = [];
  const shown = (node) => node.getClientRects().length > 0 && node.getBoundingClientRect().right > 0;
  const name = (node) => `${node.tagName.toLowerCase()}#${node.id}.${node.className}`;
  const rgb = (text) => text.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const background = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };

  for (const node of document.querySelectorAll("body *")) {
    const says = [...node.childNodes].some((one) => one.nodeType === 3 && one.textContent.trim());
    if (!says || !shown(node)) continue;
    const ratio = contrast(rgb(getComputedStyle(node).color), background(node));
    if (ratio < 4.5) faults.push(`text of ${name(node)} has a contrast of ${ratio.toFixed(2)}`);
  }
  for (const node of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!node.labels.length || !node.labels[0].textContent.trim()) faults.push(`${name(node)} has no label`);
    if (!shown(node)) continue;
    const edge = contrast(rgb(getComputedStyle(node).borderTopColor), background(node.parentElement));
    if (node.matches("[type=text], select, textarea") && edge < 3) faults.push(`${name(node)} has an edge of ${edge.toFixed(2)}`);
  }
  for (const node of document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")) {
    const box = node.getBoundingClientRect();
    if (shown(node) && (box.width < 24 || box.height < 24) && !node.matches("p > a")) faults.push(`${name(node)} is ${box.width} by ${box.height}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  for (const id of ids) if (ids.filter((one) => one === id).length > 1) faults.push(`${id} stands twice`);
  for (const node of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
    const named = `${node.getAttribute("aria-describedby") || ""} ${node.getAttribute("aria-labelledby") || ""}`;
    for (const id of named.split(/\s+/).filter(Boolean)) if (!ids.includes(id)) faults.push(`${name(node)} names ${id}`);
  }
  for (const node of document.querySelectorAll("fieldset")) {
    if (!node.firstElementChild || node.firstElementChild.tagName !== "LEGEND") faults.push(`${name(node)} has no legend`);
  }
  const headings = [...document.querySelectorAll("main h1, main h2, main h3")].map((node) => Number(node.tagName[1]));
  if (headings.filter((one) => one === 1).length !== 1) faults.push("the page has not one first heading");
  if (!document.documentElement.lang) faults.push("the page has no language");
  if (!document.title) faults.push("the page has no title");
  if (!document.querySelector("main") || !document.querySelector("header")) faults.push("a landmark is missing");
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide > 0) faults.push(`the page is ${wide} too wide`);
  return [...new Set(faults)];
}
