// The browser's caches, in which removed posts are corrected: the pages of public/sw.js and the pictures.
export { correct } from '../live/page_cache'
export { forgetPictures } from '../live/picture_cache'
