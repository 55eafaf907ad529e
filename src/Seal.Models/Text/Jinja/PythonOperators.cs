namespace Seal.Models.Text.Jinja;

/// <summary>Arithmetic, subscripts and slices.</summary>
internal static class PythonOperators
{
    public static object? Apply(string symbol, object? left, object? right, JinjaBudget budget)
    {
        switch (left, right)
        {
            case (Undefined undefined, _): throw undefined.Error();
            case (string format, _) when symbol == "%":
                budget.Charge(format.Length);
                return PythonFormat.Percent(format, right is PythonList { IsTuple: true } tuple ? tuple.Items : [right]);
            case (_, Undefined undefined): throw undefined.Error();
            case (string a, string b) when symbol == "+":
                budget.Charge(a.Length + b.Length);
                return a + b;
            case (PythonList a, PythonList b) when symbol == "+" && a.IsTuple == b.IsTuple:
                budget.Step(a.Items.Count + b.Items.Count);
                return new PythonList([.. a.Items, .. b.Items], a.IsTuple);
            case (string or PythonList, bool or long) when symbol == "*": return Repeat(left, PythonValues.ToInteger(right), budget);
            case (bool or long, string or PythonList) when symbol == "*": return Repeat(right, PythonValues.ToInteger(left), budget);
            case (bool or long, bool or long): return Integers(symbol, PythonValues.ToInteger(left), PythonValues.ToInteger(right));
            case (bool or long or double, bool or long or double): return Floats(symbol, PythonValues.ToDouble(left), PythonValues.ToDouble(right));
            case (string, _) when symbol == "+":
                throw new JinjaError($"can only concatenate str (not \"{PythonValues.TypeName(right)}\") to str");
            default:
                throw new JinjaError($"unsupported operand type(s) for {symbol}: '{PythonValues.TypeName(left)}' and '{PythonValues.TypeName(right)}'");
        }
    }

    public static object? Sign(string symbol, object? value)
    {
        // Apart, because one switch expression would turn the integer into a double.
        if (value is not (bool or long))
            return symbol == "-" ? -PythonValues.ToDouble(value) : PythonValues.ToDouble(value);
        return symbol == "-" ? Integers("-", 0, PythonValues.ToInteger(value)) : PythonValues.ToInteger(value);
    }

    /// <summary><c>value[key]</c>, or null when there is no such item.</summary>
    public static bool TryItem(object? value, object? key, out object? item)
    {
        item = null;
        switch (value, key)
        {
            case (PythonMap map, _):
                return map.TryGet(key, out item);
            case (PythonList list, bool or long):
                int index = Index(PythonValues.ToInteger(key), list.Items.Count);
                if (index >= 0)
                    item = list.Items[index];
                return index >= 0;
            case (string text, bool or long):
                List<string> points = PythonText.Points(text);
                int at = Index(PythonValues.ToInteger(key), points.Count);
                if (at >= 0)
                    item = points[at];
                return at >= 0;
            default:
                return false;
        }

        static int Index(long index, int count)
        {
            long from = index < 0 ? index + count : index;
            return from >= 0 && from < count ? (int)from : -1;
        }
    }

    /// <summary><c>value[start:stop:step]</c> with Python's rules for what is left out, negative or beyond the ends.</summary>
    public static object? Sliced(object? value, object? start, object? stop, object? step)
    {
        if (value is Undefined undefined)
            throw undefined.Error();
        if (value is not (string or PythonList))
            throw new JinjaError($"'{PythonValues.TypeName(value)}' object cannot be sliced");
        IReadOnlyList<object?> items = PythonValues.Iterate(value);
        long by = step is null ? 1 : PythonValues.ToInteger(step);
        if (by == 0)
            throw new JinjaError("slice step cannot be zero");
        long lowest = by > 0 ? 0 : -1, highest = by > 0 ? items.Count : items.Count - 1;
        long from = start is null ? (by > 0 ? lowest : highest) : Clamp(PythonValues.ToInteger(start));
        long to = stop is null ? (by > 0 ? highest : lowest) : Clamp(PythonValues.ToInteger(stop));
        List<object?> taken = [];
        // A step beyond the list takes one item; so bounded, the index cannot overflow.
        long bounded = Math.Clamp(by, -items.Count - 1, items.Count + 1);
        for (long i = from; by > 0 ? i < to : i > to; i += bounded)
            taken.Add(items[(int)i]);
        return value is PythonList list ? new PythonList(taken, list.IsTuple) : string.Concat(taken);

        long Clamp(long index) => Math.Clamp(index < 0 ? index + items.Count : index, lowest, highest);
    }

    private static object? Repeat(object? value, long times, JinjaBudget budget)
    {
        times = Math.Max(times, 0);
        long length = value is string s ? s.Length : PythonValues.Length(value);
        if (length == 0)
            return value;
        long total = (long)Math.Min((double)times * length, long.MaxValue / 2);
        if (value is string text)
        {
            budget.Charge(total);
            return string.Concat(Enumerable.Repeat(text, (int)times));
        }
        budget.Step(total);
        PythonList list = (PythonList)value!;
        return new PythonList([.. Enumerable.Repeat(list.Items, (int)times).SelectMany(items => items)], list.IsTuple);
    }

    private static object Integers(string symbol, long left, long right)
    {
        try
        {
            checked
            {
                switch (symbol)
                {
                    case "+": return left + right;
                    case "-": return left - right;
                    case "*": return left * right;
                    case "/": return right == 0 ? throw new JinjaError("division by zero") : (double)left / right;
                    case "//": return right == 0 ? throw new JinjaError("integer division or modulo by zero") : Quotient(left, right);
                    case "%": return right == 0 ? throw new JinjaError("integer modulo by zero") : right == -1 ? 0L : left - Quotient(left, right) * right;
                    default:
                        if (right < 0)
                            return Math.Pow(left, right);
                        long power = 1;
                        for (long factor = left; right > 0; right >>= 1)
                        {
                            if ((right & 1) == 1)
                                power *= factor;
                            if (right > 1)
                                factor *= factor;
                        }
                        return power;
                }
            }
        }
        catch (OverflowException)
        {
            throw new JinjaError($"the integer that '{symbol}' gives is too large");
        }

        // Rounds down, as Python does; C# rounds to zero.
        static long Quotient(long a, long b) => checked(a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0));
    }

    private static object Floats(string symbol, double left, double right)
    {
        if (right == 0 && symbol is ("/" or "//" or "%"))
            throw new JinjaError("float division by zero");
        return symbol switch
        {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "/" => left / right,
            "//" => Math.Floor(left / right),
            "%" => left - Math.Floor(left / right) * right,
            _ => Math.Pow(left, right),
        };
    }
}
