// The desk in a browser.
import '../lib/base.css'
import './desk.css'
import { mount } from 'svelte'
import DeskPage from './Desk.svelte'
import { Desk } from './desk.svelte'

const desk = new Desk()
mount(DeskPage, { target: document.getElementById('app')!, props: { desk } })
void desk.refresh()
