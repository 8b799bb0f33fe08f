// A Web Worker that runs Python programs. Commands come in as messages, and reports go out as messages.
// `web/engine/` says what both are. If it cannot go on, the page gets an `error` event.
import init, { Engine } from './engine.js';

const commands = [];
const { port1: wake, port2: turn } = new MessageChannel();
let engine;
let isAwake = false;

onmessage = ({ data }) => {
  commands.push(data);
  wakeUp();
};

// One command a turn, so that a step is over before the next begins. Messages come in between two turns.
turn.onmessage = () => {
  if (commands.length > 0) engine.obey(new Uint8Array(commands.shift()));
  const moves = engine.goOn();
  for (let report = engine.takeReport(); report; report = engine.takeReport()) {
    postMessage(report, [report.buffer]);
  }
  isAwake = false;
  if (moves || commands.length > 0) wakeUp();
};

function wakeUp() {
  if (!engine || isAwake) return;
  isAwake = true;
  wake.postMessage(null);
}

// Commands that come before the module wait.
init().then(() => {
  engine = new Engine();
  wakeUp();
}).catch(reportError);
