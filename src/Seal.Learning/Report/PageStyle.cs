namespace Seal.Learning.Report;

/// <summary>How the page looks. It stands in XML: no &lt;, &gt; or &amp;.</summary>
internal static class PageStyle
{
    public const string Css = """

        :root { color-scheme: light dark; --ink: #1c2430; --soft: #566070; --paper: #ffffff; --panel: #f3f5f8; --line: #d4dae2; --bar: #7ea6dd; --strong: #174f9e; --right: #0d6b35; --wrong: #a32a1b; --warn: #fff3d6; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e5e9f0; --soft: #a5b0c0; --paper: #12161d; --panel: #1b212b; --line: #364052; --bar: #3f6ba8; --strong: #9cc3ff; --right: #6fd69b; --wrong: #ff9a8a; --warn: #3b3114; } }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0 auto; padding: 1rem; max-width: 68rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.5rem 0; }
        h2 { font-size: 1.3rem; margin: 2.5rem 0 0.5rem; padding-top: 0.5rem; border-top: 2px solid var(--line); }
        h3 { font-size: 1.1rem; margin: 1.5rem 0 0.25rem; }
        h4 { font-size: 1rem; margin: 1rem 0 0.25rem; }
        p { margin: 0.5rem 0; max-width: 46rem; }
        a { color: var(--strong); }
        nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 1rem 0; }
        nav a { padding: 0.25rem 0; }
        code { font-family: ui-monospace, monospace; font-size: 0.9em; }
        .note { color: var(--soft); font-size: 0.9rem; }
        .state { font-weight: 600; }
        .unfinished { background: var(--warn); padding: 0.5rem 0.75rem; border-radius: 0.4rem; }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1rem 2rem; align-items: start; margin: 0.75rem 0; }
        .pair * { min-width: 0; }
        .scroll { overflow-x: auto; margin: 0.75rem 0; }
        .pair .scroll { margin: 0; }
        table { border-collapse: collapse; font-size: 0.9rem; width: 100%; overflow-wrap: normal; }
        caption { text-align: left; color: var(--soft); padding-bottom: 0.35rem; }
        th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem 0.3rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
        thead th { font-weight: 600; vertical-align: bottom; }
        tbody th, tbody td:nth-child(2) { min-width: 4.75rem; }
        .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        thead .n { white-space: normal; }
        .text { white-space: pre-wrap; background: var(--panel); border-left: 3px solid var(--line); padding: 0.5rem 0.75rem; border-radius: 0.25rem; font-size: 0.95rem; unicode-bidi: isolate; }
        .nothing { color: var(--soft); font-style: italic; }
        article { border: 1px solid var(--line); border-radius: 0.5rem; padding: 0 1rem 1rem; margin: 1rem 0; }
        article .pair { margin-top: 0; }
        .grids { display: flex; flex-wrap: wrap; gap: 0.75rem 1.5rem; margin: 0.5rem 0; }
        .becomes { display: flex; gap: 0.5rem; align-items: center; }
        .questions { padding-left: 1.25rem; margin: 0.5rem 0; }
        .question { font-weight: 600; margin: 0.75rem 0 0.25rem; }
        dl { margin: 0; }
        dl div { display: grid; grid-template-columns: 9.5rem 1fr; gap: 0 0.75rem; padding: 0.2rem 0; border-bottom: 1px solid var(--line); }
        dt { color: var(--soft); font-size: 0.9rem; }
        dd { margin: 0; min-width: 0; }
        .given { white-space: pre-wrap; unicode-bidi: isolate; }
        .right { color: var(--right); font-weight: 600; }
        .wrong { color: var(--wrong); font-weight: 600; }
        details { margin: 0.75rem 0; }
        summary { cursor: pointer; padding: 0.35rem 0; }
        svg { display: block; width: 100%; max-width: 30rem; height: auto; }
        svg text { font: 11px system-ui, sans-serif; fill: var(--ink); font-variant-numeric: tabular-nums; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
        svg .group { font-weight: 700; font-size: 12px; }
        svg .tick { fill: var(--soft); font-size: 10px; }
        .grid { stroke: var(--line); stroke-width: 0.75; }
        .zero { stroke: var(--soft); stroke-width: 1.25; }
        .bar { fill: var(--bar); }
        .whisker { stroke: var(--ink); stroke-width: 1.5; }
        .box { fill: var(--bar); fill-opacity: 0.35; }
        .median { stroke: var(--strong); stroke-width: 2; }
        .dashed { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 4 3; }
        .ring { fill: none; stroke: var(--ink); stroke-width: 1.2; }
        .kept { fill: var(--strong); stroke: var(--paper); stroke-width: 1; }
        @media (max-width: 30rem) { dl div { grid-template-columns: 1fr; } article { padding: 0 0.6rem 0.6rem; } body { padding: 0.75rem; } }
        @media print { details { display: block; } .scroll { overflow: visible; } }

        """;
}
