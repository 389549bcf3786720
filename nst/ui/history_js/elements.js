// Elements made of plain text alone: nothing that a name or a setting holds is read as HTML.

function make(tag, properties, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties || {})) {
        if (name in made) made[name] = value;
        else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
}

const ICONS = {
    favorite: 'M12 3l2.8 5.7 6.2.9-4.5 4.4 1.1 6.2-5.6-3-5.6 3 1.1-6.2L3 9.6l6.2-.9z',
    compare: 'M3 5h8v14H3z M13 5h8v14h-8z M13 5v14',
    remove: 'M5 5l14 14 M19 5L5 19',
};

function icon(name) {
    const [svg, path] = ['svg', 'path'].map(tag => document.createElementNS('http://www.w3.org/2000/svg', tag));
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    path.setAttribute('d', ICONS[name]);
    svg.append(path);
    return svg;
}

// A text with its {names} replaced.
function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

// Asks in a dialog of the page, as that of the browser is not to be had where another page shows this one.
function asks(parent, question, yes, no) {
    return new Promise(resolve => {
        const form = make('form', {method: 'dialog'}, make('p', {id: 'history-question'}, question),
            make('button', {value: 'no', autofocus: true}, no), make('button', {value: 'yes', className: 'stop'}, yes));
        const dialog = make('dialog', {'aria-labelledby': 'history-question', returnValue: 'no'}, form);
        dialog.onclose = () => {
            dialog.remove();
            resolve(dialog.returnValue === 'yes');
        };
        parent.append(dialog);
        dialog.showModal();
    });
}

function saveAs(blob, name) {
    const address = URL.createObjectURL(blob);
    make('a', {href: address, download: name}).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
}
