// Programs for the page that lab.py looks at, each the body of a function of `arguments`.

// RUN_ALL: Run all cells of the notebook that is open, and return them.
const done = arguments[arguments.length - 1];
const panel = window.jupyterapp.shell.currentWidget;
panel.sessionContext.ready
  .then(() => window.jupyterapp.commands.execute('notebook:run-all-cells'))
  .then(() => done([...panel.content.model.cells].filter(cell => cell.type === 'code').map(cell => cell.toJSON())))
  .catch(error => done(String(error)));

// OPEN: Open a notebook.
const done = arguments[arguments.length - 1];
window.jupyterapp.restored
  .then(() => window.jupyterapp.commands.execute('docmanager:open', {path: arguments[0], factory: 'Notebook'}))
  .then(panel => panel.context.ready).then(() => done(null)).catch(error => done(String(error)));

// FAINT: Words of the outputs that are hard to read: their ink against what lies below it, by the contrast ratio of WCAG 2.
const rgba = colour => (colour.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
const over = ([r, g, b, a = 1], below) => [r, g, b].map((part, at) => part * a + below[at] * (1 - a));
const light = colour => colour.map(part => part / 255)
  .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
const texts = document.createTreeWalker(arguments[0], NodeFilter.SHOW_TEXT);
const faint = [];
for (let text; (text = texts.nextNode());) {
  if (!text.textContent.trim() || !text.parentElement.closest('.jp-OutputArea-output')) continue;
  const around = [];
  for (let element = text.parentElement; element; element = element.parentElement) around.unshift(getComputedStyle(element));
  const ground = around.reduce((below, style) => over(rgba(style.backgroundColor), below), [255, 255, 255]);
  const solid = around.reduce((share, style) => share * style.opacity, 1);
  const [r, g, b, a = 1] = rgba(around.at(-1).color);
  const [dark, bright] = [light(over([r, g, b, a * solid], ground)), light(ground)].sort((one, two) => one - two);
  if ((bright + 0.05) / (dark + 0.05) < 4.5) faint.push(text.textContent.trim().slice(0, 40));
}
return faint;

// WIDE: Tables that are wider than their place.
return [...arguments[0].querySelectorAll('.jp-OutputArea-output table')]
  .filter(table => table.scrollWidth > table.closest('.jp-OutputArea-output').clientWidth).map(table => table.innerText.slice(0, 40));

// THEME: Change the theme.
const done = arguments[arguments.length - 1];
window.jupyterapp.commands.execute('apputils:change-theme', {theme: arguments[0]}).then(() => setTimeout(done, 1500));

// CUT: What lies behind the edge of a box, but for tables: a wide one can be scrolled sideways.
return [...document.querySelectorAll('main *')]
  .filter(box => getComputedStyle(box).overflowX !== 'visible' && box.scrollWidth > box.clientWidth + 1 && !box.querySelector('table')).map(box => box.innerText.slice(0, 40));
