// Runs only in a browser that does not know modules: it does not run `boot.js`.
(function () {
  var failure = document.getElementById('failure');
  failure.removeAttribute('hidden');
  failure.textContent = 'Framescope needs a newer browser: this one does not know JavaScript modules. '
    + 'Framescope 需要更新的浏览器：此浏览器不支持 JavaScript 模块。';
}());
