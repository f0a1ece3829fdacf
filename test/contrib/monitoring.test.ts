import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errors } from '../../src/core/errors/errors.ts';
import { catalogue, type MetricRow } from '../../src/telemetry/catalogue.ts';
import { dropReasons } from '../../src/telemetry/drop-reasons.ts';
import { eventMeanings } from '../../src/telemetry/event-meanings.ts';
import { processCatalogue } from '../../src/telemetry/process-catalogue.ts';
import { findProgram } from '../support/servers/daemon.ts';
import { skip } from '../support/skip.ts';
import { contrib, metricsIn, readDashboard, readRules } from './monitoring-files.ts';

const known: Readonly<Record<string, MetricRow>> = { ...catalogue, ...processCatalogue };
/** Set by Prometheus. */
const ofPrometheus = ['instance', 'job', 'le'];
const values: Readonly<Record<string, readonly string[]>> = {
  event: Object.keys(eventMeanings),
  reason: [...Object.keys(errors), ...Object.keys(dropReasons), 'link-testing', 'standby'],
  outcome: ['forwarded', 'relayed', 'queued', 'answered', 'consumed', 'bounced', 'dropped'],
};

/** What is wrong with the metrics that `expr` names. */
function problemsOf(expr: string): string[] {
  return metricsIn(expr).flatMap(({ name, matchers }) => {
    const row = known[name];
    if (row === undefined) return [`there is no ${name}`];
    return Object.entries(matchers).flatMap(([label, value]) => {
      if (!row.labels.includes(label) && !ofPrometheus.includes(label)) return [`${name} has no label ${label}`];
      const possible = values[label];
      if (possible === undefined || value === '' || value.startsWith('$')) return [];
      const wanted = value.split('|').filter((one) => /^[a-z-]+$/.test(one));
      return wanted.filter((one) => !possible.includes(one)).map((one) => `${label} is never ${one}`);
    });
  });
}

const queries = () => readDashboard().panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

describe('the dashboard and the alert rules', () => {
  it('name only metrics, labels and reasons that there are', () => {
    const variables = readDashboard().templating.list.flatMap(({ definition }) => definition ?? []);
    for (const expr of [...queries(), ...variables, ...readRules().map((rule) => rule.expr)]) {
      deepEqual(problemsOf(expr), [], expr);
    }
    deepEqual(problemsOf('rate(switchyard_nothing_total{pool="a"}[5m])'), ['there is no switchyard_nothing_total']);
    deepEqual(problemsOf('switchyard_ready{pool="a"}'), ['switchyard_ready has no label pool']);
    deepEqual(problemsOf('switchyard_events_total{event="eaten"}'), ['event is never eaten']);
  });

  it('leave out no metric of Switchyard', () => {
    const shown = new Set(queries().flatMap((expr) => metricsIn(expr).map(({ name }) => name)));
    deepEqual(
      Object.keys(catalogue).filter((name) => !shown.has(name)),
      [],
    );
  });

  it('are laid out without overlaps, each panel with a title of its own and a description', () => {
    const panels = readDashboard().panels;
    const cells = new Set<string>();
    for (const { type, title, description, gridPos } of panels) {
      ok(type === 'row' || (description ?? '') !== '', title);
      ok(gridPos.x + gridPos.w <= 24, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          ok(!cells.has(`${x},${y}`), `${title} overlaps`);
          cells.add(`${x},${y}`);
        }
      }
    }
    equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const titles = panels.filter(({ type }) => type !== 'row' && type !== 'stat').map(({ title }) => title);
    deepEqual(
      titles.filter((title, index) => titles.indexOf(title) !== index),
      [],
    );
  });
});

describe('promtool', () => {
  let promtool = '';

  before(function () {
    promtool = findProgram('promtool') ?? skip(this, 'promtool (Debian: prometheus) is not installed');
  });

  function run(args: readonly string[]): { readonly status: number | null; readonly text: string } {
    const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: 'utf8', cwd: `${contrib}prometheus` });
    return { status, text: stdout + stderr };
  }

  it('takes the alert rules, and their tests pass', () => {
    const checked = run(['check', 'rules', '--lint=all', '--lint-fatal', 'switchyard.rules.yml']);
    equal(checked.status, 0, checked.text);
    match(checked.text, new RegExp(`SUCCESS: ${readRules().length} rules found`));
    const tested = run(['test', 'rules', 'switchyard.rules.test.yml']);
    equal(tested.status, 0, tested.text);
  });

  it('has a test in which each rule fires', () => {
    const tests = readFileSync(`${contrib}prometheus/switchyard.rules.test.yml`, 'utf8');
    const fired = new Set([...tests.matchAll(/alertname: (\w+)\n +exp_alerts:\n/g)].map(([, name]) => name));
    deepEqual(
      readRules()
        .map(({ alert }) => alert)
        .filter((alert) => !fired.has(alert)),
      [],
    );
  });

  it('understands every query of the dashboard', () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-queries-'));
    const rules = queries().map((expr, index) => ({
      record: `query:${index}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*'),
    }));
    const file = join(folder, 'queries.yml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    const checked = run(['check', 'rules', file]);
    rmSync(folder, { recursive: true });
    equal(checked.status, 0, checked.text);
  });
});
