// What makes pages comfortable. Every page works without it.

const pageNonce = () => document.querySelector('link[nonce]')?.nonce ?? '';

/** Markup of our own server, in which all that people wrote is escaped: the styles inside its pictures
    get leave of this page instead of that of the answer. */
export const take = (markup) => {
  const ours = markup.replaceAll(/<style nonce="[0-9a-f]*">/g, `<style nonce="${pageNonce()}">`);
  const parsed = new DOMParser().parseFromString(ours, 'text/html');
  return [...parsed.body.childNodes].map((node) => document.importNode(node, true));
};

const later = (work, wait) => {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(work, wait); };
};

// The text of a document is checked as one types.
for (const area of document.querySelectorAll('textarea[data-check]')) {
  const found = document.getElementById('found');
  let asked = 0;
  const check = async () => {
    const mine = ++asked;
    const { csrf, parent } = area.form.elements;
    const body = new URLSearchParams({ text: area.value, csrf: csrf.value, parent: parent?.value ?? '' });
    try {
      const answer = await fetch(area.dataset.check, { method: 'POST', body });
      if (mine === asked && answer.ok) found.replaceChildren(...take(await answer.text()));
    } catch { /* the button checks as well */ }
  };
  area.addEventListener('input', later(check, 350));
  area.addEventListener('keydown', (event) => {
    // Tab indents; Escape first lets the keyboard leave.
    if (event.key === 'Escape') area.dataset.leave = '1';
    else if (event.key === 'Tab' && !event.shiftKey && !area.dataset.leave) {
      event.preventDefault();
      area.setRangeText('  ', area.selectionStart, area.selectionEnd, 'end');
      area.dispatchEvent(new Event('input', { bubbles: true }));
    } else if (event.key !== 'Tab') delete area.dataset.leave;
  });
}

// The picture grows while one answers the guided start.
for (const form of document.querySelectorAll('form[data-grows]')) {
  const grow = async () => {
    const query = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(`/new/picture?${query}`);
      const place = document.querySelector(`${form.dataset.grows} .picture`);
      if (answer.ok && place) place.replaceWith(...take(await answer.text()));
    } catch { /* the next page shows it */ }
  };
  form.addEventListener('change', grow);
}

// What happens meanwhile. A browser opens few connections to one place, and all its tabs share them: a page
// listens while it is seen. Whoever begins to listen is told first how things stand.
const listen = (place, acts) => {
  let events = null;
  const follow = () => {
    const wanted = !document.hidden;
    if (events && (!wanted || events.readyState === EventSource.CLOSED)) {
      events.close();
      events = null;
    }
    if (!wanted || events) return;
    events = new EventSource(place);
    for (const [name, act] of Object.entries(acts)) events.addEventListener(name, act);
  };
  document.addEventListener('visibilitychange', follow);
  addEventListener('pageshow', follow);
  addEventListener('pagehide', () => { events?.close(); events = null; });
  follow();
};

// Who is here, and that somebody has saved: the page says so, and the risk map follows.
const present = document.querySelector('[data-present]');
if (present) {
  const base = present.dataset.present;
  listen(`${base}/events`, {
    present: (event) => {
      // Nobody hears again what has not changed.
      if (present.textContent.trim() === event.data) return;
      const line = document.createElement('p');
      line.className = 'small soft';
      line.textContent = event.data;
      present.replaceChildren(line);
    },
    saved: async (event) => {
      if (Number(event.data) <= Number(present.dataset.revision)) return;
      present.dataset.revision = event.data;
      const answer = await fetch(`${base}/live`);
      if (answer.redirected) return location.reload();
      if (!answer.ok) return;
      const nodes = take(await answer.text());
      document.getElementById('live-map')?.replaceChildren(...nodes);
    },
  });
}

// On other pages of a system: that there is a newer revision than the one that the page shows.
const newer = document.querySelector('[data-newer]');
const notice = newer?.querySelector('template');
let newest = 0;
const tell = () => {
  const wanted = newest > Number(newer.dataset.revision);
  if (wanted !== newer.childElementCount > 0) newer.replaceChildren(...(wanted ? [notice.content.cloneNode(true)] : []));
};

/** The page shows a revision now, which it has made or been given. */
export const shows = (revision) => {
  if (!newer) return;
  newer.dataset.revision = revision;
  tell();
};

if (newer) {
  notice.remove();
  // What the page saves itself is not news; its answer comes a moment later.
  const soon = later(tell, 1500);
  listen(`${newer.dataset.newer}/events`, {
    saved: (event) => { newest = Number(event.data); soon(); },
  });
}

// Machines as they are: the page follows what happens, and the keyboard stays where it was.
const machines = document.querySelector('[data-live]');
if (machines) {
  const base = machines.dataset.live;
  // A cursor that is left in a field holds nothing up.
  const thinking = 10_000;
  let typed = -thinking;
  machines.addEventListener('input', () => { typed = performance.now(); });
  const isWriting = () => performance.now() - typed < thinking;
  const renew = async () => {
    // Nobody is interrupted while writing.
    if (isWriting()) return soon();
    const answer = await fetch(`${base}/live`);
    // Whoever has been signed out meanwhile signs in again.
    if (answer.redirected) return location.reload();
    if (!answer.ok) return;
    const nodes = take(await answer.text());
    if (isWriting()) return soon();
    const held = document.activeElement?.id;
    const open = [...machines.querySelectorAll('details[open][id]')].map((one) => one.id);
    const written = [...machines.querySelectorAll('input[id]')].filter((one) => one.value !== one.defaultValue);
    machines.replaceChildren(...nodes);
    for (const id of open) document.getElementById(id)?.setAttribute('open', '');
    for (const { id, value } of written) {
      const again = document.getElementById(id);
      if (again) again.value = value;
    }
    if (held) document.getElementById(held)?.focus();
  };
  const soon = later(renew, 1000);
  listen(`${base}/events`, { changed: renew });
}
