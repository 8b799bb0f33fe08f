// Starts the page. When `page` is freed, every listener is removed.

// The picture in the document is of the lesson that the page opens with.
const { hash } = location;
document.documentElement.toggleAttribute('data-elsewhere', /(^#|&)lesson=(?!4a(&|$))/.test(hash));

const failure = document.getElementById('failure');

// `framescope.js` is no import of this file, and nothing is awaited here: a file that cannot be fetched and a browser
// that does not know `await` outside of a function would end this file before its first line.
import('./framescope.js').then(async ({ default: init, start }) => {
  await init();
  globalThis.page = await start();
}).catch((error) => {
  failure.hidden = false;
  failure.textContent = `Framescope cannot start in this browser. Framescope 无法在此浏览器中启动。 ${error}`;
});
