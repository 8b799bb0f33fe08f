// A Web Worker that stands in for a relay's bridge. In come the path, then messages with how often each is sent, and how
// many bytes of reads the page has got. Out go 'open', reads, how many bytes the kernel has taken, and at the end the
// close code with its reason.
// `web/engine/` says what the bytes are. If it cannot go on, the page gets an `error` event.
import init, { Bridge } from './engine.js';

const received = [];
let isReady = false;
let bridge;
let timer;

onmessage = ({ data }) => {
  received.push(data);
  if (isReady) goOn();
};

function take(data) {
  if (typeof data === 'string') {
    bridge = new Bridge(data);
    postMessage('open');
  } else if (typeof data === 'number') {
    bridge.confirm(data);
  } else {
    const [message, times] = data;
    for (let sent = 0; sent < times; sent += 1) bridge.send(message);
  }
}

function goOn() {
  received.splice(0).forEach(take);
  if (!bridge) return;
  clearTimeout(timer);
  const wait = bridge.goOn();
  for (let reads = bridge.takeReads(); reads; reads = bridge.takeReads()) {
    postMessage(reads, [reads.buffer]);
  }
  const taken = bridge.takeTaken();
  if (taken > 0) postMessage(taken);
  if (bridge.closeCode !== undefined) {
    postMessage([bridge.closeCode, bridge.closeReason]);
    close();
  } else if (wait !== undefined) {
    timer = setTimeout(goOn, wait);
  }
}

// What comes before the module waits.
init().then(() => {
  isReady = true;
  goOn();
}).catch(reportError);
