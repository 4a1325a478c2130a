// Drawing: select, move to another zone, connect, remove, add; by mouse, touch and keyboard; undo and redo.
// Each stroke is a change of the document on the server, which lays the picture out anew. The facts of what
// is selected open beside the picture.

import { shows, take } from './live.js';

const canvas = document.getElementById('canvas');
const tools = document.getElementById('tools');
const said = document.getElementById('said');
const panel = document.getElementById('panel');
const effect = document.getElementById('effect');
const button = (id) => document.getElementById(id);
const [undo, redo, join, cut] = ['undo', 'redo', 'join', 'cut'].map(button);
const ja = canvas.dataset.lang === 'ja';
const say = (words) => { said.textContent = words; };

/** What is drawn: assets, zones and links by id. */
const assets = () => [...canvas.querySelectorAll('g.asset[data-id]')];
const zones = () => [...canvas.querySelectorAll('g.zone[data-id]')];
const links = () => [...canvas.querySelectorAll('g.link[data-id]')];
const nameOf = (element) => (element.querySelector('title')?.textContent ?? element.dataset.id).split('\n')[0];

let selected = null;
let joining = null;
let busy = false;
const past = [];
const future = [];

/** Sends a change; `fields` are pairs. */
const send = async (path, fields) => {
  if (busy) return null;
  busy = true;
  const body = new URLSearchParams(fields);
  if (!body.has('parent')) body.set('parent', canvas.dataset.revision);
  body.set('csrf', canvas.dataset.csrf);
  body.set('script', '1');
  try {
    const answer = await fetch(path, { method: 'POST', body, headers: { accept: 'application/json' } });
    const told = await answer.json();
    if (!answer.ok) { say(told.message ?? answer.statusText); return null; }
    canvas.dataset.revision = told.revision;
    shows(told.revision);
    const mark = document.querySelector('.marks a.mark');
    if (mark) mark.textContent = mark.textContent.replace(/\d+/, told.revision);
    for (const field of document.querySelectorAll('input[name=parent]')) field.value = told.revision;
    canvas.replaceChildren(...take(told.picture));
    for (const [id, options] of Object.entries(told.options ?? {})) {
      const field = document.getElementById(id);
      if (field) field.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
    }
    effect.hidden = !told.effect;
    effect.replaceChildren(...take(told.effect ?? ''));
    ready();
    return told;
  } catch (error) {
    say(String(error));
    return null;
  } finally {
    busy = false;
  }
};

/** A change that can be undone, by the revision that it made. */
const change = async (path, fields) => {
  const told = await send(path, fields);
  if (!told) return false;
  if (told.made) past.push(told.made);
  future.length = 0;
  buttons();
  say(told.message);
  return true;
};

const stroke = (fields) => change(canvas.dataset.act, fields);

/** Takes back what made the last revision of a list: from that revision to the one before it. What others
    saved since stays; and what takes it back is taken back in the same way. */
const restore = async (from, to) => {
  const made = from.at(-1);
  if (!made) return;
  const told = await send(`${canvas.dataset.base}/restore`, { number: made - 1, parent: made });
  if (!told) return;
  from.pop();
  if (told.made) to.push(told.made);
  buttons();
  say(told.message);
};

const buttons = () => {
  undo.disabled = past.length === 0;
  redo.disabled = future.length === 0;
  join.disabled = !selected?.matches('.asset');
  cut.disabled = !selected?.matches('.asset, .link');
};

// The facts of what is selected

const sheetOf = (element) => ['asset', 'link', 'zone'].find((kind) => element.classList.contains(kind)) + 's';

/** Several links may share one line; the first stands for it. */
const keyOf = (element) => element.dataset.id.split(' ')[0];

const open = async (element) => {
  const place = `${canvas.dataset.base}/sheets/${sheetOf(element)}/row?edit=${encodeURIComponent(keyOf(element))}`;
  const answer = await fetch(place);
  if (!answer.ok || selected !== element) return;
  panel.replaceChildren(...take(await answer.text()));
  panel.hidden = false;
  for (const field of panel.querySelectorAll('input[name=parent]')) field.value = canvas.dataset.revision;
};

panel?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const fields = new FormData(event.target, event.submitter);
  const [sheet, key] = [event.target.action, fields.get('key')];
  if (!(await change(sheet, fields))) return;
  const again = [...assets(), ...links(), ...zones()].find((one) => sheet.endsWith(`/${sheetOf(one)}`) && keyOf(one) === key);
  select(again ?? null);
});

const select = (element) => {
  selected?.classList.remove('chosen');
  selected = element;
  selected?.classList.add('chosen');
  buttons();
  if (!selected) {
    panel.hidden = true;
    panel.replaceChildren();
    return;
  }
  if (selected.matches('.asset')) {
    for (const field of ['con-from', 'move-asset', 'remove-asset', 'zone-asset']) {
      const list = document.getElementById(field);
      if (list) list.value = selected.dataset.id;
    }
  }
  say(nameOf(selected));
  open(selected);
};

// Strokes

const connect = (from, to) => {
  joining = null;
  if (from.dataset.id === to.dataset.id) return;
  stroke({ act: 'connect', from: from.dataset.id, to: to.dataset.id, over: '' });
};

const choose = (element) => {
  if (joining && element.matches('.asset')) connect(joining, element);
  else select(element);
};

const move = (element, zone) => stroke({ act: 'move', asset: element.dataset.id, zone: zone.dataset.id });

const startJoin = (element) => {
  select(element);
  joining = element;
  say(ja ? 'つなぐ相手を選んでください（キーボードではEnter）' : 'Choose the other end (Enter on the keyboard)');
};

const remove = (element) => (element.matches('.link')
  ? stroke({ act: 'disconnect', link: keyOf(element) })
  : stroke({ act: 'remove', asset: element.dataset.id }));

/** The zone under a point, the innermost. */
const zoneAt = (x, y) => {
  const inside = zones().filter((zone) => {
    const box = (zone.querySelector('rect') ?? zone).getBoundingClientRect();
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  });
  const area = (zone) => { const box = zone.getBoundingClientRect(); return box.width * box.height; };
  return inside.sort((a, b) => area(a) - area(b))[0];
};

const drag = (element) => {
  // A finger on an asset draws; beside it, it scrolls the page.
  element.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false });
  element.addEventListener('pointerdown', (start) => {
    if (start.button !== 0) return;
    element.setPointerCapture(start.pointerId);
    const scale = canvas.querySelector('svg').getScreenCTM().a;
    let moved = false;
    const follow = (event) => {
      const [dx, dy] = [event.clientX - start.clientX, event.clientY - start.clientY];
      moved ||= Math.hypot(dx, dy) > 6;
      if (moved) element.setAttribute('transform', `translate(${dx / scale} ${dy / scale})`);
    };
    const drop = (event) => {
      element.removeEventListener('pointermove', follow);
      element.removeAttribute('transform');
      if (event.type === 'pointercancel') return;
      if (!moved) { choose(element); element.focus(); return; }
      const zone = zoneAt(event.clientX, event.clientY);
      if (zone && zone.dataset.id !== element.dataset.zone) move(element, zone);
    };
    element.addEventListener('pointermove', follow);
    element.addEventListener('pointerup', drop, { once: true });
    element.addEventListener('pointercancel', drop, { once: true });
  });
};

const step = (element, by) => {
  const all = zones();
  if (all.length < 2) return;
  const at = all.findIndex((zone) => zone.dataset.id === element.dataset.zone);
  move(element, all[(at + by + all.length) % all.length]);
};

/** To the facts beside; to their page where there is no room beside. */
const enter = (element) => {
  if (joining) { connect(joining, element); return; }
  select(element);
  panel.focus();
};

const keys = (element) => {
  const arrows = (by) => () => step(element, by);
  const own = {
    ' ': () => choose(element),
    Enter: () => enter(element),
    Escape: () => { joining = null; select(null); say(''); },
    Delete: () => remove(element),
  };
  const ofAsset = {
    c: () => startJoin(element),
    ArrowRight: arrows(1),
    ArrowDown: arrows(1),
    ArrowLeft: arrows(-1),
    ArrowUp: arrows(-1),
  };
  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = own[event.key] ?? (element.matches('.asset') ? ofAsset[event.key] : undefined);
    if (act) { event.preventDefault(); act(); }
  });
};

const reachable = (element) => {
  element.tabIndex = 0;
  element.setAttribute('role', 'button');
  element.setAttribute('aria-label', nameOf(element));
  keys(element);
};

const ready = () => {
  // No picture any more: what is in it can be reached.
  canvas.querySelector('svg')?.setAttribute('role', 'group');
  const kept = selected?.dataset.id;
  selected = null;
  for (const element of assets()) {
    reachable(element);
    drag(element);
    element.addEventListener('dblclick', () => location.assign(`${canvas.dataset.base}/assets/${element.dataset.id}`));
  }
  for (const element of links()) {
    reachable(element);
    element.addEventListener('click', () => choose(element));
  }
  for (const zone of zones()) zone.querySelector('text')?.addEventListener('click', () => choose(zone));
  const again = [...assets(), ...links()].find((one) => one.dataset.id === kept);
  if (again) { selected = again; again.classList.add('chosen'); } else if (panel) panel.hidden = true;
  buttons();
};

if (canvas.dataset.act) {
  tools.hidden = false;
  undo.addEventListener('click', () => restore(past, future));
  redo.addEventListener('click', () => restore(future, past));
  join.addEventListener('click', () => startJoin(selected));
  cut.addEventListener('click', () => remove(selected));
  addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches('input, textarea, select')) return;
    const key = event.key.toLowerCase();
    if (key === 'z' && !event.shiftKey) { event.preventDefault(); restore(past, future); }
    if (key === 'y' || (key === 'z' && event.shiftKey)) { event.preventDefault(); restore(future, past); }
  });
  for (const form of document.querySelectorAll('#forms details form')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      stroke(new FormData(form));
      form.reset();
    });
  }
  ready();
}
