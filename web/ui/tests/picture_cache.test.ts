import { expect, test } from 'vitest'
import { ownPictures } from '../live/picture_cache'
import type { Body } from '../live/types'

const picture = (id: string) => ({ id, color: '#123456', width: 4, height: 3 })

test("a post's own pictures are its media and its card's, not its author's portrait", () => {
  const body = {
    author: { name: 'Ada', handle: '@ada@quay.example', avatar: picture('face') },
    media: [
      { kind: 'image', url: 'https://quay.example/1', picture: picture('one') },
      { kind: 'audio', url: 'x' },
    ],
    card: { url: 'https://quay.example', title: 'Quay', picture: picture('two') },
  }
  expect(ownPictures(body as unknown as Body)).toEqual([
    '/media/one/s.webp',
    '/media/one/l.webp',
    '/media/two/s.webp',
    '/media/two/l.webp',
  ])
  expect(ownPictures({} as Body)).toEqual([])
})
