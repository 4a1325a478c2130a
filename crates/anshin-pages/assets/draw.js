// Drawing: select, move to another zone, connect, remove, add; by mouse, touch and keyboard; undo and redo.
// Each stroke is a change of the document on the server, which lays the picture out anew.

import { take } from './live.js';

const canvas = document.getElementById('canvas');
const tools = document.getElementById('tools');
const said = document.getElementById('said');
const undo = document.getElementById('undo');
const redo = document.getElementById('redo');
const ja = canvas.dataset.lang === 'ja';
const say = (words) => { said.textContent = words; };

/** What is drawn: assets and zones by id. */
const assets = () => [...canvas.querySelectorAll('g.asset[data-id]')];
const zones = () => [...canvas.querySelectorAll('g.zone[data-id]')];
const nameOf = (element) => (element.querySelector('title')?.textContent ?? element.dataset.id).split('\n')[0];

let selected = null;
let joining = null;
let busy = false;
const past = [];
const future = [];

const send = async (path, fields) => {
  if (busy) return null;
  busy = true;
  const body = new URLSearchParams({ ...fields, parent: canvas.dataset.revision, csrf: canvas.dataset.csrf, script: '1' });
  try {
    const answer = await fetch(path, { method: 'POST', body, headers: { accept: 'application/json' } });
    const told = await answer.json();
    if (!answer.ok) { say(told.message ?? answer.statusText); return null; }
    canvas.dataset.revision = told.revision;
    for (const field of document.querySelectorAll('input[name=parent]')) field.value = told.revision;
    canvas.replaceChildren(...take(told.picture));
    for (const [id, options] of Object.entries(told.options ?? {})) {
      const field = document.getElementById(id);
      if (field) field.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
    }
    ready();
    return told;
  } catch (error) {
    say(String(error));
    return null;
  } finally {
    busy = false;
  }
};

const stroke = async (fields) => {
  const before = canvas.dataset.revision;
  const told = await send(canvas.dataset.act, fields);
  if (!told) return;
  past.push([before, told.revision]);
  future.length = 0;
  buttons();
  say(told.message);
};

const restore = async (from, to) => {
  const pair = from.pop();
  if (!pair) return;
  const before = canvas.dataset.revision;
  const told = await send(`${canvas.dataset.base}/restore`, { number: pair[0] });
  if (told) to.push([before, told.revision]);
  else from.push(pair);
  buttons();
  if (told) say(told.message);
};

const buttons = () => {
  undo.disabled = past.length === 0;
  redo.disabled = future.length === 0;
};

const select = (element) => {
  selected?.classList.remove('chosen');
  selected = element;
  selected?.classList.add('chosen');
  if (!selected) return;
  const id = selected.dataset.id;
  for (const field of ['con-from', 'move-asset', 'remove-asset', 'zone-asset']) {
    const list = document.getElementById(field);
    if (list) list.value = id;
  }
  say(nameOf(selected));
};

const connect = (from, to) => {
  joining = null;
  if (from.dataset.id === to.dataset.id) return;
  stroke({ act: 'connect', from: from.dataset.id, to: to.dataset.id, over: '' });
};

const choose = (element) => {
  if (joining) connect(joining, element);
  else select(element);
};

const move = (element, zone) => stroke({ act: 'move', asset: element.dataset.id, zone: zone.dataset.id });

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

const keys = (element) => {
  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      ' ': () => choose(element),
      Enter: () => (joining ? connect(joining, element) : location.assign(`${canvas.dataset.base}/assets/${element.dataset.id}`)),
      c: () => { joining = element; select(element); say(ja ? 'つなぐ相手を選び、Enterを押してください' : 'Choose the other end and press Enter'); },
      Escape: () => { joining = null; select(null); say(''); },
      Delete: () => stroke({ act: 'remove', asset: element.dataset.id }),
      ArrowRight: () => step(element, 1),
      ArrowDown: () => step(element, 1),
      ArrowLeft: () => step(element, -1),
      ArrowUp: () => step(element, -1),
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
};

const ready = () => {
  selected = null;
  for (const element of assets()) {
    element.tabIndex = 0;
    element.setAttribute('role', 'button');
    element.setAttribute('aria-label', nameOf(element));
    drag(element);
    keys(element);
    element.addEventListener('dblclick', () => location.assign(`${canvas.dataset.base}/assets/${element.dataset.id}`));
  }
};

if (canvas.dataset.act) {
  tools.hidden = false;
  undo.addEventListener('click', () => restore(past, future));
  redo.addEventListener('click', () => restore(future, past));
  addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches('input, textarea, select')) return;
    const key = event.key.toLowerCase();
    if (key === 'z' && !event.shiftKey) { event.preventDefault(); restore(past, future); }
    if (key === 'y' || (key === 'z' && event.shiftKey)) { event.preventDefault(); restore(future, past); }
  });
  for (const form of document.querySelectorAll('#forms form')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      stroke(Object.fromEntries(new FormData(form)));
      form.reset();
    });
  }
  ready();
}
