// Forms from the JSON schemas of connectors: their fields, what is typed into them, and the values to send. Pure.
import type { Options, Property, Schema } from '../../lib/sources'

export interface FormField {
  name: string
  label: string
  hint: string
  kind: 'switch' | 'list' | 'number' | 'secret' | 'text'
}

/** What is typed, by field: true or false for a switch, text for all others. */
export type Typed = Record<string, string | boolean>

export function fieldsOf({ properties = {} }: Schema): FormField[] {
  return Object.entries(properties).map(([name, property]) => {
    const kind = kindOf(property)
    const hint = (property.description ?? '').replaceAll('`', '')
    return {
      name,
      label: property.title ?? name,
      hint: kind === 'list' ? `${hint} Put spaces between them.`.trim() : hint,
      kind,
    }
  })
}

function kindOf(property: Property): FormField['kind'] {
  const [type, format] = [
    property.type ?? property.anyOf?.find(({ type }) => type !== 'null')?.type,
    property.format,
  ]
  if (format === 'password') return 'secret'
  if (type === 'boolean') return 'switch'
  if (type === 'array') return 'list'
  return type === 'number' || type === 'integer' ? 'number' : 'text'
}

/** What the form shows for these values. */
export function typedFrom(fields: FormField[], values: Options = {}): Typed {
  const shown = ({ name, kind }: FormField) => {
    const value = values[name]
    if (kind === 'switch') return value === true
    return Array.isArray(value) ? value.join(' ') : value === undefined || value === null ? '' : String(value)
  }
  return Object.fromEntries(fields.map((field) => [field.name, shown(field)]))
}

/** The values to send: what was left empty is left out. Wrong ones are sent as typed, for the server to say why. */
export function valuesOf(fields: FormField[], typed: Typed): Options {
  const values: Options = {}
  for (const { name, kind } of fields) {
    const given = typed[name]
    const text = typeof given === 'string' ? given.trim() : ''
    if (given === true) values[name] = true
    else if (!text) continue
    else if (kind === 'list') values[name] = text.split(/[\s,]+/).filter(Boolean)
    else values[name] = kind === 'number' && Number.isFinite(Number(text)) ? Number(text) : text
  }
  return values
}

/** The credentials to send; absent if none was typed, so that stored ones stay. */
export function credentialsOf(fields: FormField[], typed: Typed): Record<string, string> | undefined {
  const values = valuesOf(fields, typed) as Record<string, string>
  return Object.keys(values).length ? values : undefined
}
