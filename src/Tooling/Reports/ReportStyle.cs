namespace Tooling.Reports;

/// <summary>How the page looks: light, dark, on a telephone and on paper. Colours are told apart by everybody (Okabe &amp; Ito 2008), lighter on dark ground.</summary>
public static class ReportStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --ink: #222; --faint: #5a5d68; --line: #ddd; --page: #fff; --card: #f6f7f9; --warn: #8a5300; --plain: #666; --attack: #0072b2; --other: #b34700; --right: #1b7f3b; --wrong: #b42318; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8e8ea; --faint: #a5a8b0; --line: #3a3d44; --page: #17181b; --card: #222429; --warn: #ffc46b; --plain: #9aa0a6; --attack: #56b4e9; --other: #ff9e57; --right: #6fd394; --wrong: #ff8a80; } }
        * { box-sizing: border-box; }
        body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 62rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
        h1 { font-size: 1.6rem; margin-bottom: 0.2rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
        p.lead { font-size: 1.15rem; } .faint, small { color: var(--faint); } .warn { color: var(--warn); } .right { color: var(--right); } .wrong { color: var(--wrong); }
        table { border-collapse: collapse; margin: 0.6rem 0; } th, td { padding: 0.3rem 0.9rem 0.3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
        th { font-weight: 600; } thead th { overflow-wrap: normal; } tbody th { min-width: 3.5rem; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; } td.n, td b { white-space: nowrap; }
        table.classes { width: 100%; } td.share { width: 30%; font-variant-numeric: tabular-nums; }
        svg.bar { display: block; width: 100%; height: 6px; } .track { fill: var(--line); } .value { fill: currentColor; }
        .plain { color: var(--plain); } .attack { color: var(--attack); } .other { color: var(--other); }
        .bar .whisker { stroke: var(--ink); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
        .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1.5rem; } figure { margin: 0; } figcaption { font-weight: 600; }
        svg.plot { width: 100%; } svg text { fill: var(--ink); font: 12px system-ui, sans-serif; } .end { text-anchor: end; } .middle { text-anchor: middle; }
        .grid { stroke: var(--line); } .axis, .tick { stroke: var(--ink); fill: none; } .line { stroke: currentColor; stroke-width: 2; fill: none; }
        .plot .whisker { stroke: currentColor; stroke-width: 1.5; } circle { fill: currentColor; }
        .legend { margin: 0; } .legend span { margin-right: 1.2rem; white-space: nowrap; } svg.key { width: 24px; height: 10px; }
        .wide { overflow-x: auto; } svg.matrix { display: block; max-width: none; } svg.matrix text.count { font-size: 11px; } .matrix rect { stroke: var(--line); stroke-width: 0.5; } rect.right { fill: var(--right); } rect.wrong { fill: var(--wrong); }
        .filter { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: center; margin: 0.8rem 0; } [hidden] { display: none !important; } select { font: inherit; max-width: 15rem; color: inherit; background: var(--card); border: 1px solid var(--faint); border-radius: 4px; }
        .cards { list-style: none; padding: 0; margin: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(13.5rem, 1fr)); gap: 0.8rem; }
        .card { background: var(--card); border-radius: 6px; padding: 0.6rem; display: flex; flex-wrap: wrap; gap: 0.4rem 0.8rem; align-content: start; } .card p { margin: 0; flex: 1 1 9rem; font-size: 0.9rem; line-height: 1.4; }
        .pictures { display: flex; gap: 0.3rem; } .pictures img { width: 64px; height: 64px; object-fit: contain; image-rendering: pixelated; background: #fff; border-radius: 3px; }
        pre { background: var(--card); padding: 0.8rem; border-radius: 6px; white-space: pre-wrap; }
        @media (max-width: 34rem) { body { margin: 1rem auto; } th, td { padding-right: 0.4rem; font-size: 0.85rem; } thead th { font-size: 0.75rem; } tbody th { min-width: 3rem; } td.share small { display: block; } .cards { grid-template-columns: 1fr; } }
        @media print {
          :root { color-scheme: light; --ink: #000; --faint: #444; --line: #bbb; --page: #fff; --card: #fff; --warn: #6b4000; --plain: #666; --attack: #0072b2; --other: #b34700; --right: #1b7f3b; --wrong: #b42318; }
          body { max-width: none; margin: 0; font-size: 10pt; } .filter { display: none; } .wide { overflow: visible; } h2 { break-after: avoid; } figure, tr, .card, pre { break-inside: avoid; } thead { display: table-header-group; }
          .plots { grid-template-columns: 1fr 1fr; } .cards { grid-template-columns: repeat(3, 1fr); } .card { border: 1px solid var(--line); font-size: 9pt; } svg.matrix { max-width: 100%; }
        }
        """;
}
