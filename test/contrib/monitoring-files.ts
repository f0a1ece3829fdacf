import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Where what is for other programs lies. */
export const contrib = fileURLToPath(new URL('../../contrib/', import.meta.url));

const target = z.object({ expr: z.string().min(1) });
const panel = z.object({
  id: z.number(),
  type: z.string(),
  title: z.string().min(1),
  description: z.string().optional(),
  gridPos: z.object({ h: z.number().min(1), w: z.number().min(1), x: z.number().min(0), y: z.number().min(0) }),
  targets: z.array(target).default([]),
});
const dashboard = z.object({
  uid: z.string(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), definition: z.string().optional() })) }),
  panels: z.array(panel),
});

/** The dashboard for Grafana. */
export function readDashboard(): z.output<typeof dashboard> {
  return dashboard.parse(JSON.parse(readFileSync(`${contrib}grafana/switchyard.json`, 'utf8')));
}

/** The alert rules: names and expressions, read from the lines of the file. */
export function readRules(): { readonly alert: string; readonly expr: string }[] {
  const text = readFileSync(`${contrib}prometheus/switchyard.rules.yml`, 'utf8');
  return text
    .split(/^ {6}- alert: /m)
    .slice(1)
    .map((rule) => {
      const [alert = ''] = rule.split('\n', 1);
      const expr = /^ {8}expr: (?:>-\n)?([\s\S]*?)(?=^ {8}\w)/m.exec(rule)?.[1] ?? '';
      return { alert, expr: expr.trim() };
    });
}

/** The metrics that an expression names, with the labels that it picks them by. */
export function metricsIn(
  expr: string,
): { readonly name: string; readonly matchers: Readonly<Record<string, string>> }[] {
  const found = expr.matchAll(/\b((?:switchyard|process|nodejs)_[a-z0-9_]+)(?:\{([^}]*)\})?/g);
  return [...found].map(([, name = '', labels = '']) => ({
    name: name.replace(/_(?:bucket|sum|count)$/, ''),
    matchers: Object.fromEntries(
      [...labels.matchAll(/([a-z_]+)(?:=~|!~|!=|=)"([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]),
    ),
  }));
}
