// What was typed into a form that could not be taken in is not lost: the page that says so keeps it in this
// tab, and the form gets it back as soon as it is open again.

const PLACE = 'anshin-typed';
// On a device that several people use, it is for the one whose pages this tab showed, and nobody else.
const OWNER = 'anshin-user';
const owner = document.body.dataset.user;
const refused = document.querySelector('[data-typed]');

const byName = (fields) => {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
};

// A page may hold many forms for the same address, such as one for each proposal: what the page itself has
// put into them tells which it was.
const isThe = (form, action, values) => new URL(form.getAttribute('action'), location).pathname === action
  && [...form.querySelectorAll('input[type=hidden]')].every(
    ({ name, value }) => !values.has(name) || values.get(name).includes(value),
  );

const fill = (form, values) => {
  let filled = false;
  for (const [name, all] of values) {
    const left = [...all];
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (['hidden', 'file', 'password', 'submit'].includes(field.type)) continue;
      if (['checkbox', 'radio'].includes(field.type)) field.checked = all.includes(field.value);
      else if (left.length) field.value = left.shift();
      field.dispatchEvent(new Event('input', { bubbles: true }));
      filled = true;
    }
  }
  return filled;
};

if (refused) {
  const fields = [...refused.querySelectorAll('[data-name]')].map((field) => [field.dataset.name, field.value]);
  const { typed: page, action, parent } = refused.dataset;
  const user = sessionStorage.getItem(OWNER);
  try { sessionStorage.setItem(PLACE, JSON.stringify({ user, page, action, parent, fields })); } catch { /* it can be copied */ }
} else {
  if (owner) sessionStorage.setItem(OWNER, owner);
  const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null');
  if (kept?.user !== owner) sessionStorage.removeItem(PLACE);
  else if (kept && new URL(kept.page, location).pathname === location.pathname) {
    sessionStorage.removeItem(PLACE);
    const forms = [...document.querySelectorAll('form[method=post]')];
    const [values, action] = [byName(kept.fields), new URL(kept.action, location).pathname];
    const form = forms.find((one) => isThe(one, action, values));
    if (form && fill(form, values)) {
      // What others saved since is brought together with it, as if it had been taken in at once.
      const start = form.querySelector('input[name=parent]');
      if (start && kept.parent) start.value = kept.parent;
      const notice = document.createElement('div');
      notice.className = 'notice serious';
      notice.setAttribute('role', 'status');
      const words = document.createElement('p');
      words.textContent = document.documentElement.lang === 'ja'
        ? '保存できなかった入力を、元の欄に戻しました。確かめてから、もう一度保存してください。'
        : 'What could not be saved is back in its fields. Look at it and save it once more.';
      notice.append(words);
      form.before(notice);
      for (let fold = form.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
      notice.scrollIntoView({ block: 'center' });
    }
  }
}

document.querySelector('form[action="/sign-out"]')?.addEventListener('submit', () => sessionStorage.removeItem(PLACE));
