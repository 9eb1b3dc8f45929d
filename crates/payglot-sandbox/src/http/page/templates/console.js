// Updates the page without a reload, filters as a person types, copies, and asks before what cannot be undone. Everything
// on the page works without it.
(() => {
  const EVERY = 1500;
  const announcement = document.getElementById("announcement");

  // Shows only the rows that have every word of the filter.
  const field = document.querySelector("[data-filter]");
  const filter = () => {
    if (!field) return;
    const words = field.value.toLowerCase().split(/\s+/);
    let shown = 0;
    const rows = document.querySelectorAll(`#${field.dataset.filter} [data-text]`);
    for (const row of rows) {
      const text = row.dataset.text.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    for (const group of document.querySelectorAll(".groups > li")) {
      group.hidden = !group.querySelector("[data-text]:not([hidden])");
    }
    document.getElementById("no-match").hidden = rows.length === 0 || shown > 0;
  };
  // The rows that the server left out come back with the next update.
  const address = () => {
    const address = new URL(location.href);
    address.searchParams.delete("done");
    address.searchParams.delete("q");
    return address;
  };
  if (field) {
    field.addEventListener("input", () => {
      filter();
      const shown = address();
      if (field.value) shown.searchParams.set("q", field.value);
      history.replaceState(null, "", shown);
    });
    field.form.addEventListener("submit", (event) => event.preventDefault());
  }
  document.addEventListener("change", (event) => {
    if ("submits" in event.target.dataset) event.target.form.submit();
  });

  const prepare = (root) => {
    for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  };
  const copy = async (button) => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    announcement.textContent = "Copied.";
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), EVERY);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });

  // Asks in a dialog, where the server would ask on a page of its own.
  const ask = document.getElementById("ask");
  let asking = null;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.ask || form.elements.sure) return;
    event.preventDefault();
    asking = form;
    document.getElementById("ask-title").textContent = `${form.dataset.title}?`;
    document.getElementById("ask-text").textContent = form.dataset.ask;
    document.getElementById("ask-yes").textContent = form.dataset.title;
    ask.returnValue = "no";
    ask.showModal();
  });
  ask.addEventListener("close", () => {
    if (ask.returnValue !== "yes") return;
    const sure = document.createElement("input");
    Object.assign(sure, { type: "hidden", name: "sure", value: "yes" });
    asking.append(sure);
    asking.submit();
  });

  prepare(document);
  filter();

  const regions = () => document.querySelectorAll("[data-live]");
  if (regions().length === 0) return;
  const pause = document.getElementById("pause");
  let paused = false;
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
  });

  // Preserves what the reader opened and closed, what the filter hides, what was typed, and where the focus is.
  const takeOver = (old, fresh) => {
    for (const details of old.querySelectorAll("details[id]")) {
      fresh.querySelector(`#${CSS.escape(details.id)}`)?.toggleAttribute("open", details.open);
    }
    prepare(fresh);
    for (const row of [old, ...old.querySelectorAll("[data-text]")]) {
      const same = row === old ? fresh : fresh.querySelector(`#${CSS.escape(row.id)}`);
      if (same) same.hidden = row.hidden;
    }
    if (old.isEqualNode(fresh)) return old;
    for (const input of old.querySelectorAll("input[id]")) {
      const same = fresh.querySelector(`#${CSS.escape(input.id)}`);
      if (same) same.value = input.value;
    }
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const scrolled = old.querySelector(".scroll")?.scrollLeft;
    old.replaceWith(fresh);
    if (scrolled) fresh.querySelector(".scroll").scrollLeft = scrolled;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    return fresh;
  };

  // How many children came that were not there.
  const merge = (region, from) => {
    const children = [...from.children];
    const ids = new Set(children.map((child) => child.id));
    for (const child of [...region.children]) if (!ids.has(child.id)) child.remove();
    let added = 0;
    let before = null;
    for (const fresh of children) {
      const old = [...region.children].find((child) => child.id === fresh.id);
      const node = document.adoptNode(fresh);
      if (old) {
        before = takeOver(old, node);
      } else {
        prepare(node);
        if (before) before.after(node);
        else region.prepend(node);
        before = node;
        added += 1;
      }
    }
    return added;
  };

  const refresh = async () => {
    if (paused || document.hidden || ask.open) return;
    const response = await fetch(address(), { cache: "no-store" });
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const region of regions()) {
      const from = page.getElementById(region.id);
      if (!from) continue;
      const added = merge(region, from);
      const what = region.dataset.announce;
      if (what && added > 0) announcement.textContent = `${added} ${what}${added === 1 ? "" : "s"}`;
    }
    filter();
    if (announcement.dataset.lost) {
      announcement.textContent = "";
      delete announcement.dataset.lost;
    }
  };

  const again = () =>
    setTimeout(async () => {
      try {
        await refresh();
      } catch {
        announcement.textContent = "The sandbox does not respond.";
        announcement.dataset.lost = "yes";
      }
      again();
    }, EVERY);
  again();
})();
