// The desk in a browser.
import '../lib/base.css'
import './desk.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { Desk } from './desk.svelte'

const desk = new Desk()
mount(App, { target: document.getElementById('app')!, props: { desk } })
void desk.refresh()
