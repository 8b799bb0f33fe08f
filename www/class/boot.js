// Starts the page of a class. When `page` is freed, every listener is removed.
const failure = document.getElementById('failure');

import('../class.js').then(async ({ default: init, start }) => {
  await init();
  globalThis.page = await start();
}).catch((error) => {
  failure.hidden = false;
  failure.textContent = `Framescope cannot start in this browser. Framescope 无法在此浏览器中启动。 ${error}`;
});
