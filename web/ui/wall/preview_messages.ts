// The kinds of messages between a preview and the desk around it: the page listens now, and a look to show. Pure.
export const READY = 'preview-ready'
export const LOOK = 'preview-look'
