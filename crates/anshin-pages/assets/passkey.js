// Passkeys: the server asks, the authenticator answers. Without them there are passwords.

const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
const bytes = (words) => new TextEncoder().encode(words);

const post = async (path, fields) => {
  const answer = await fetch(path, { method: 'POST', body: new URLSearchParams(fields) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.message ?? answer.statusText);
  return told;
};

const make = async (asked) => {
  const made = await navigator.credentials.create({ publicKey: {
    challenge: bytes(asked.challenge),
    rp: { id: asked.host, name: 'Anshin' },
    user: { id: bytes(asked.user.id), name: asked.user.name, displayName: asked.user.shown },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    attestation: 'none',
  } });
  return { id: made.id, clientDataJSON: encode(made.response.clientDataJSON), authenticatorData: encode(made.response.getAuthenticatorData()) };
};

const prove = async (asked) => {
  const proof = await navigator.credentials.get({ publicKey: {
    challenge: bytes(asked.challenge), rpId: asked.host, userVerification: 'required',
  } });
  const { clientDataJSON, authenticatorData, signature } = proof.response;
  return { id: proof.id, clientDataJSON: encode(clientDataJSON), authenticatorData: encode(authenticatorData), signature: encode(signature) };
};

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!('PublicKeyCredential' in window)) continue;
  form.hidden = false;
  const said = form.querySelector('[role=status]');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    said.textContent = '';
    const fields = Object.fromEntries(new FormData(form));
    try {
      const asked = await post('/passkeys/ask', { csrf: fields.csrf });
      const answer = await (form.dataset.passkey === 'make' ? make(asked) : prove(asked));
      const told = await post(form.action, { ...fields, challenge: asked.challenge, answer: JSON.stringify(answer) });
      location.assign(told.place);
    } catch (error) {
      // Whoever changes his mind need not be told so.
      if (error.name !== 'NotAllowedError') said.textContent = error.message;
    }
  });
}
