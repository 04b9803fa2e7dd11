({
  // What a careful reader looks for on any page; each answers with what is wrong, or with what can be read.

  // The words that stand on the screen, without what is a code, or says itself that it is in another language.
  words() {
    const apart = "code, .code, [lang=en], script, style, noscript, svg, .basis, details:not([open]) > :not(summary)";
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const holder = walker.currentNode.parentElement;
      if (!holder.closest(apart) && holder.checkVisibility()) texts.push(walker.currentNode.textContent);
    }
    for (const name of ["placeholder", "title", "aria-label"]) {
      for (const element of document.querySelectorAll(`[${name}]`)) {
        if (!element.closest(apart)) texts.push(element.getAttribute(name));
      }
    }
    return texts;
  },

  // What sticks out of the window, and what hides part of its own words.
  cutOff() {
    const faults = [];
    const show = (fault, element) => faults.push(`${fault}: ${element.outerHTML.slice(0, 120)}`);
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) {
      faults.push(`scrolls sideways to ${page.scrollWidth}`);
      const outside = (element) => element.getBoundingClientRect().right > page.clientWidth + 1;
      [...document.querySelectorAll("header *, .strip *, main *")].filter(outside).slice(0, 3).forEach((one) => show("wide", one));
    }
    for (const element of document.querySelectorAll("main button, main a.button, .tag, h1, h2, label")) {
      const box = element.getBoundingClientRect();
      if (!element.checkVisibility() || !box.width || element.closest(".table-frame")) continue;
      if (box.left < -1 || box.right > page.clientWidth + 1) show("outside", element);
      const hides = getComputedStyle(element).overflowX !== "visible";
      if (hides && element.scrollWidth > element.clientWidth + 2) show("cut", element);
    }
    return faults;
  },

  // Whether the element with the keyboard can be told from the others.
  focus() {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" || style.boxShadow !== "none" ? [] : [document.activeElement.outerHTML.slice(0, 120)];
  },
})
