// Reads `/big` on the plain bridge and only counts its bytes. Says in how many milliseconds they are all here.
const [text, bytes, done] = arguments;
const socket = new WebSocket(`ws://${location.host}/bridge/demo?recv=1`, 'binary');
socket.binaryType = 'arraybuffer';
let sent, received = 0;
socket.onopen = () => {
  const message = new TextEncoder().encode(`0000${text}`);
  new DataView(message.buffer).setInt32(0, message.length - 4, true);
  sent = performance.now();
  socket.send(message);
};
socket.onmessage = ({ data }) => {
  received += data.byteLength;
  if (received === bytes) {
    socket.close();
    done(performance.now() - sent);
  }
};
socket.onerror = () => done(null);
