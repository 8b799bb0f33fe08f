// Sends a text through the composer. Says in how many milliseconds the page has painted the event with this number.
const [text, last, done] = arguments;
const frame = () => new Promise(requestAnimationFrame);
const task = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = resolve;
  port2.postMessage(null);
});
(async () => {
  const field = document.querySelector('#composer-text');
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await frame();
  await frame();
  performance.mark('scene-begin');
  const sent = performance.now();
  document.querySelector('#send').click();
  const scrubber = document.querySelector('#scrubber');
  do await frame(); while (Number(scrubber.max) < last);
  await task();
  performance.mark('scene-end');
  return performance.now() - sent;
})().then(done);
