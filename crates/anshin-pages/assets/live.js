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

// Who is here, and that somebody has saved: the page says so, and the risk map follows.
const present = document.querySelector('[data-present]');
if (present && 'EventSource' in window) {
  const base = present.dataset.present;
  const events = new EventSource(`${base}/events`);
  events.addEventListener('present', (event) => {
    // Nobody hears again what has not changed.
    if (present.textContent.trim() === event.data) return;
    const line = document.createElement('p');
    line.className = 'small soft';
    line.textContent = event.data;
    present.replaceChildren(line);
  });
  events.addEventListener('saved', async (event) => {
    if (Number(event.data) <= Number(present.dataset.revision)) return;
    present.dataset.revision = event.data;
    const answer = await fetch(`${base}/live`);
    if (answer.redirected) return location.reload();
    if (!answer.ok) return;
    const nodes = take(await answer.text());
    document.getElementById('live-map')?.replaceChildren(...nodes);
  });
  addEventListener('pagehide', () => events.close());
}

// Machines as they are: the page follows what happens, and the keyboard stays where it was.
const machines = document.querySelector('[data-live]');
if (machines && 'EventSource' in window) {
  const base = machines.dataset.live;
  const events = new EventSource(`${base}/events`);
  events.addEventListener('changed', async () => {
    const answer = await fetch(`${base}/live`);
    // Whoever has been signed out meanwhile signs in again.
    if (answer.redirected) return location.reload();
    if (!answer.ok) return;
    const nodes = take(await answer.text());
    const held = document.activeElement?.id;
    machines.replaceChildren(...nodes);
    if (held) document.getElementById(held)?.focus();
  });
  addEventListener('pagehide', () => events.close());
}
