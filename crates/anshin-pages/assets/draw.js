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

/** What is drawn: assets, links, the areas of zones, and their names, by which zones are chosen. */
const assets = () => [...canvas.querySelectorAll('g.asset[data-id]')];
const zones = () => [...canvas.querySelectorAll('g.zone[data-id]')];
const titles = () => [...canvas.querySelectorAll('g.zone-name[data-zone]')];
const links = () => [...canvas.querySelectorAll('g.link[data-id]')];
const idOf = (element) => element.dataset.id ?? element.dataset.zone;
const areaOf = (title) => zones().find((zone) => zone.dataset.id === title.dataset.zone);
const nameOf = (element) => {
  const told = element.matches('.zone-name') ? areaOf(element) : element;
  return (told?.querySelector('title')?.textContent ?? idOf(element)).split('\n')[0];
};

/** What can be chosen, and the same of it in a picture that was drawn anew. */
const all = () => [...assets(), ...titles(), ...links()];
const again = (kind, id) => all().find((one) => sheetOf(one) === kind && idOf(one) === id);

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
    const held = canvas.contains(document.activeElement) ? document.activeElement : null;
    canvas.replaceChildren(...take(told.picture));
    for (const [id, options] of Object.entries(told.options ?? {})) {
      const field = document.getElementById(id);
      if (field) field.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
    }
    effect.hidden = !told.effect;
    effect.replaceChildren(...take(told.effect ?? ''));
    ready();
    // The keyboard stays at what it was at; where that is gone, at the picture.
    if (held) ((held.matches('g') && again(sheetOf(held), idOf(held))) || canvas).focus();
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
  const held = document.activeElement;
  undo.disabled = past.length === 0;
  redo.disabled = future.length === 0;
  join.disabled = !selected?.matches('.asset');
  cut.disabled = !selected;
  // A button that is of no use any more lets the keyboard go on beside it.
  if (held?.disabled) ([undo, redo].find((one) => held.matches('#undo, #redo') && !one.disabled) ?? canvas).focus();
};

// The facts of what is selected

const KINDS = { asset: 'assets', link: 'links', 'zone-name': 'zones' };
const sheetOf = (element) => Object.entries(KINDS).find(([kind]) => element.classList.contains(kind))?.[1];

/** Several links may share one line; the first stands for it. */
const keyOf = (element) => idOf(element).split(' ')[0];

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
  const same = all().find((one) => sheet.endsWith(`/${sheetOf(one)}`) && keyOf(one) === key);
  await select(same ?? null);
  (same ? panel : canvas).focus();
});

const select = async (element) => {
  selected?.classList.remove('chosen');
  selected = element;
  selected?.classList.add('chosen');
  buttons();
  if (!selected) {
    panel.hidden = true;
    panel.replaceChildren();
    return;
  }
  const fields = { assets: ['con-from', 'move-asset', 'remove-asset', 'zone-asset'], zones: ['inner-zone', 'remove-zone'] };
  for (const field of fields[sheetOf(selected)] ?? []) {
    const list = document.getElementById(field);
    if (list) list.value = idOf(selected);
  }
  say(nameOf(selected));
  await open(selected);
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

/** Where an asset or a zone stands: the id of the zone around it. */
const placeOf = (element) => (element.matches('.asset') ? element.dataset.zone : areaOf(element)?.dataset.within) ?? '';

const move = (element, place) => stroke(element.matches('.asset')
  ? { act: 'move', asset: element.dataset.id, zone: place }
  : { act: 'move-zone', zone: element.dataset.zone, within: place });

/** The zones into which an asset or a zone can go: a zone not into itself or what is in it. */
const placesFor = (element) => {
  if (element.matches('.asset')) return zones();
  const inside = (zone) => zone && (zone.dataset.id === element.dataset.zone
    || inside(zones().find((outer) => outer.dataset.id === zone.dataset.within)));
  return zones().filter((zone) => !inside(zone));
};

const startJoin = (element) => {
  select(element);
  element.focus();
  joining = element;
  say(ja ? 'つなぐ相手を選んでください（キーボードではEnter）' : 'Choose the other end (Enter on the keyboard)');
};

const remove = (element) => stroke({
  assets: { act: 'remove', asset: idOf(element) },
  links: { act: 'disconnect', link: keyOf(element) },
  zones: { act: 'remove-zone', zone: idOf(element) },
}[sheetOf(element)]);

/** The zone under a point, the innermost of some. */
const zoneAt = (x, y, some) => {
  const inside = some.filter((zone) => {
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
      // Beside all others, a zone is part of none; an asset stays where it is.
      const zone = zoneAt(event.clientX, event.clientY, placesFor(element))?.dataset.id;
      const place = zone ?? (element.matches('.asset') ? placeOf(element) : '');
      if (place !== placeOf(element)) move(element, place);
    };
    element.addEventListener('pointermove', follow);
    element.addEventListener('pointerup', drop, { once: true });
    element.addEventListener('pointercancel', drop, { once: true });
  });
};

const step = (element, by) => {
  const places = placesFor(element).map((zone) => zone.dataset.id);
  if (!element.matches('.asset')) places.unshift('');
  if (places.length < 2) return;
  const at = places.indexOf(placeOf(element));
  move(element, places[(at + by + places.length) % places.length]);
};

/** To the facts beside; to their page where there is no room beside. */
const enter = async (element) => {
  if (joining && element.matches('.asset')) { connect(joining, element); return; }
  await select(element);
  if (!panel.hidden) panel.focus();
};

const keys = (element) => {
  const arrows = (by) => () => step(element, by);
  const own = {
    ' ': () => choose(element),
    Enter: () => enter(element),
    Escape: () => { joining = null; select(null); say(''); },
    Delete: () => remove(element),
  };
  const moving = { ArrowRight: arrows(1), ArrowDown: arrows(1), ArrowLeft: arrows(-1), ArrowUp: arrows(-1) };
  const more = { assets: { ...moving, c: () => startJoin(element) }, zones: moving }[sheetOf(element)] ?? {};
  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = own[event.key] ?? more[event.key];
    if (act) { event.preventDefault(); act(); }
  });
};

const reachable = (element) => {
  element.tabIndex = 0;
  element.setAttribute('role', 'button');
  const kind = element.matches('.zone-name') ? (ja ? '区分: ' : 'Zone: ') : '';
  element.setAttribute('aria-label', kind + nameOf(element));
  keys(element);
};

const ready = () => {
  // No picture any more: what is in it can be reached.
  canvas.querySelector('svg')?.setAttribute('role', 'group');
  const kept = selected && again(sheetOf(selected), idOf(selected));
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
  for (const title of titles()) {
    reachable(title);
    drag(title);
  }
  if (kept) { selected = kept; kept.classList.add('chosen'); } else if (panel) panel.hidden = true;
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
