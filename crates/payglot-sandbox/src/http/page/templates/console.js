// Updates the page without a reload: fetches it again and takes over what differs. Everything else on
// the page works without it.
(() => {
  const EVERY = 1500;
  const regions = () => document.querySelectorAll("[data-live]");
  if (regions().length === 0) return;

  const announcement = document.getElementById("announcement");
  const pause = document.getElementById("pause");
  let paused = false;
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
  });

  // Preserves what the reader opened and where the focus is.
  const takeOver = (old, fresh) => {
    for (const open of old.querySelectorAll("details[open]")) {
      fresh.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute("open", "");
    }
    if (old.isEqualNode(fresh)) return old;
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
        if (before) before.after(node);
        else region.prepend(node);
        before = node;
        added += 1;
      }
    }
    return added;
  };

  const refresh = async () => {
    if (paused || document.hidden) return;
    const address = new URL(location.href);
    address.searchParams.delete("done");
    const response = await fetch(address, { cache: "no-store" });
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const region of regions()) {
      const from = page.getElementById(region.id);
      if (!from) continue;
      const added = merge(region, from);
      const what = region.dataset.announce;
      if (what && added > 0) announcement.textContent = `${added} ${what}${added === 1 ? "" : "s"}`;
    }
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
