using System.Globalization;
using Seal.Kernels;
using Spectre.Console;

namespace Seal.Cli;

/// <summary>What <c>--validate</c> found: where the backend and libtorch part, and how much of each tolerance was used.</summary>
internal static class ValidationReport
{
    public static void Print(ValidatingOperators validation, TextWriter error)
    {
        error.WriteLine($"Validation: {validation.Name} in {validation.Activation.ToString().ToLowerInvariant()} against libtorch in f32, operator by operator on the same inputs");
        Table table = new Table().AddColumns("operator", "result", "calls", "beyond", "tolerance", "used", "layer", "call", "shape", "element", "value", "libtorch");
        foreach (ValidatedResult result in validation.Results)
        {
            string[] worst = result.Worst is { } w
                ? [Percent(w.Used), $"{w.Layer}", $"{w.Call}", w.Shape, $"{w.Element}", Number(w.Value), Number(w.Expected)]
                : ["0 %", "", "", "", "", "", ""];
            string[] row = [result.Operator, result.Result, $"{result.Calls}", $"{result.Beyond}", result.Tolerance, .. worst];
            table.AddRow([.. row.Select(Markup.Escape)]);
        }
        Terminal.WriteMarkdown(table, error);
        error.WriteLine(validation.First is not var (result1, at)
            ? $"Validation: all {validation.Results.Sum(result => result.Calls)} results within tolerance"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Validation: they part first at {result1.Operator} {result1.Result} {at.Shape}, layer {at.Layer}, call {at.Call}: element {at.Element} is {at.Value:G9}, libtorch has {at.Expected:G9}, {Percent(at.Used)} of the tolerance ({result1.Tolerance})"));
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %");

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
