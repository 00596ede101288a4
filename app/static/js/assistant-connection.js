// One WebSocket, opened when it is first needed. It comes back by itself and resumes each turn after its last event.
const WAITS = [400, 1000, 2000, 4000, 8000]; // milliseconds before the next try
const SIGNED_OUT = 1008;

export class Connection {
  // `onEvent(event)` gets every event; `onState(state)` "open", "lost", "offline" or "signed-out".
  // `onLost(refs)` names questions that were sent but never confirmed.
  // `onBack()` is told when a lost connection is there again: what was asked elsewhere meanwhile is unknown.
  constructor(path, { onEvent, onState, onLost, onBack }) {
    this.url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
    this.onEvent = onEvent;
    this.onState = onState;
    this.onLost = onLost;
    this.onBack = onBack;
    this.watched = null; // the conversation whose turns are told, whoever asks
    this.opened = 0;
    this.unconfirmed = new Set(); // references of questions on their way
    this.wasOpen = false;
    this.following = new Map(); // message id -> () => last seq
    this.waiting = []; // messages to send once it is open
    this.socket = null;
    this.tries = 0;
    this.timer = null;
    addEventListener("online", () => (this.timer === null ? this.onState("open") : this.#retryNow())); // it may have outlived the gap
    addEventListener("offline", () => this.onState("offline"));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#retryNow());
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.#post(message);
    else {
      this.waiting.push(message);
      this.open();
    }
  }

  #post(message) {
    if (message.ref) this.unconfirmed.add(message.ref);
    this.socket.send(JSON.stringify(message));
  }

  // Be told of what is asked in this conversation in another tab or browser.
  watch(conversationId) {
    if (conversationId === this.watched) return;
    this.watched = conversationId;
    if (this.socket?.readyState === WebSocket.OPEN) this.#post({ type: "watch", conversation_id: conversationId });
    else if (conversationId) this.open();
  }

  // Keep this turn up to date until it is over, across lost connections.
  follow(messageId, lastSeq) {
    this.following.set(messageId, lastSeq);
  }

  unfollow(messageId) {
    this.following.delete(messageId);
  }

  resume(messageId, lastSeq) {
    const isOpen = this.socket?.readyState === WebSocket.OPEN;
    this.follow(messageId, lastSeq);
    if (isOpen) this.#resumeOne(messageId, lastSeq);
    else this.open(); // opening resumes all that is followed
  }

  open() {
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.wasOpen = false;
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", (message) => this.#received(message.data));
    socket.addEventListener("close", (event) => this.socket === socket && this.#closed(event));
  }

  #opened() {
    this.tries = 0;
    this.wasOpen = true;
    this.onState("open");
    if (this.watched) this.#post({ type: "watch", conversation_id: this.watched });
    if ((this.opened += 1) > 1) this.onBack();
    for (const [messageId, lastSeq] of this.following) this.#resumeOne(messageId, lastSeq);
    for (const message of this.waiting.splice(0)) this.#post(message);
  }

  #resumeOne(messageId, lastSeq) {
    this.socket.send(JSON.stringify({ type: "resume", message_id: messageId, after: lastSeq() }));
  }

  #received(data) {
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      return;
    }
    this.unconfirmed.delete(event.ref);
    this.onEvent(event);
  }

  async #closed(event) {
    this.socket = null;
    if (this.unconfirmed.size) this.onLost([...this.unconfirmed]);
    this.unconfirmed.clear();
    if (event.code === SIGNED_OUT || (!this.wasOpen && (await signedOut()))) {
      this.onLost(this.waiting.splice(0).map((message) => message.ref));
      this.onState("signed-out");
    } else if (this.following.size || this.waiting.length || this.watched) {
      if (this.following.size || this.waiting.length || !navigator.onLine) this.onState(navigator.onLine ? "lost" : "offline");
      this.timer = setTimeout(() => this.open(), WAITS[Math.min(this.tries, WAITS.length - 1)]);
      this.tries += 1;
    } // else nothing is awaited: the next question opens it
  }

  #retryNow() {
    if (this.timer !== null) {
      this.tries = 0;
      this.open();
    }
  }
}

// A refused WebSocket looks like a lost one; a plain request tells them apart.
async function signedOut() {
  const response = await fetch("/chat/model", { credentials: "same-origin" }).catch(() => null);
  return response?.status === 401;
}
