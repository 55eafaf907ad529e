namespace Seal.Models.Text.Jinja;

/// <summary>What stands behind <c>is</c>.</summary>
internal static class JinjaTests
{
    public static bool Holds(string name, Arguments arguments)
    {
        object? value = arguments.Get(0, "value");
        return name switch
        {
            "defined" => value is not Undefined,
            "undefined" => value is Undefined,
            "none" => value is null,
            "boolean" => value is bool,
            "true" => value is true,
            "false" => value is false,
            "integer" => value is long,
            "float" => value is double,
            "number" => PythonValues.IsNumber(value),
            "string" => value is string,
            "mapping" => value is PythonMap,
            "sequence" => value is string or PythonList or PythonMap or Undefined,
            "iterable" => value is string or PythonList or PythonMap or Undefined or Loop,
            "callable" => value is Callable or Undefined,
            "odd" => Modulo(value, 2, arguments) == 1,
            "even" => Modulo(value, 2, arguments) == 0,
            "divisibleby" => Modulo(value, PythonValues.ToInteger(arguments.Get(1, "num")), arguments) == 0,
            "lower" => IsCased(value, text => text == text.ToLowerInvariant()),
            "upper" => IsCased(value, text => text == text.ToUpperInvariant()),
            "in" => PythonValues.Contains(arguments.Get(1, "seq"), value),
            "sameas" => ReferenceEquals(value, arguments.Get(1, "other"))
                || (value is bool or long or string && value.GetType() == arguments.Get(1, "other")?.GetType() && value.Equals(arguments.Get(1, "other"))),
            "equalto" or "eq" or "==" => PythonValues.AreEqual(value, arguments.Get(1, "other")),
            "ne" or "!=" => !PythonValues.AreEqual(value, arguments.Get(1, "other")),
            "lessthan" or "lt" or "<" => PythonValues.Compare(value, arguments.Get(1, "other"), "<") < 0,
            "le" or "<=" => PythonValues.Compare(value, arguments.Get(1, "other"), "<=") <= 0,
            "greaterthan" or "gt" or ">" => PythonValues.Compare(value, arguments.Get(1, "other"), ">") > 0,
            "ge" or ">=" => PythonValues.Compare(value, arguments.Get(1, "other"), ">=") >= 0,
            _ => throw new JinjaError($"No test named '{name}'."),
        };
    }

    private static double Modulo(object? value, long divisor, Arguments arguments) =>
        PythonValues.ToDouble(PythonOperators.Apply("%", value, divisor, arguments.Budget));

    private static bool IsCased(object? value, Func<string, bool> holds)
    {
        string text = PythonValues.Text(value);
        return text.ToLowerInvariant() != text.ToUpperInvariant() && holds(text);
    }
}
