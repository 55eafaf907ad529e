namespace Seal.Models.Text.Jinja;

/// <summary>The functions that every template finds: jinja2's and Hugging Face's two.</summary>
internal static class JinjaFunctions
{
    // jinja2's sandbox has the same bound.
    private const long LongestRange = 100_000;

    public static Scope Scope(DateTimeOffset now)
    {
        Scope scope = new(null);
        Add("raise_exception", a => throw new JinjaError(PythonValues.Text(a.Get(0, "message"))));
        Add("strftime_now", a => StrfTime.Format(now, a.Text(0, "format")));
        Add("range", Range);
        Add("namespace", a =>
        {
            Namespace space = new();
            foreach ((string name, object? value) in Pairs(a))
                space.Attributes[name] = value;
            return space;
        });
        Add("dict", a =>
        {
            PythonMap map = new();
            foreach ((string name, object? value) in Pairs(a))
                map[name] = value;
            return map;
        });
        Add("joiner", a =>
        {
            object? separator = a.Get(0, "sep", ", ");
            bool used = false;
            return new Callable("joiner", _ =>
            {
                object? text = used ? separator : "";
                used = true;
                return text;
            });
        });
        return scope;

        void Add(string name, Func<Arguments, object?> function) => scope.Set(name, new Callable(name, function));
    }

    private static IEnumerable<(string, object?)> Pairs(Arguments arguments)
    {
        if (arguments.Positional is [PythonMap map])
            foreach ((object? key, object? value) in map.Items)
                yield return (PythonValues.Text(key), value);
        else if (arguments.Positional.Count > 0)
            throw new JinjaError("a mapping or named arguments are expected");
        foreach ((string name, object? value) in arguments.Named)
            yield return (name, value);
    }

    private static object? Range(Arguments arguments)
    {
        arguments.Expect("start", "stop", "step");
        bool onlyStop = arguments.Positional.Count == 1;
        long start = onlyStop ? 0 : arguments.Integer(0, "start", 0);
        long stop = onlyStop ? arguments.Integer(0, "stop", 0) : PythonValues.ToInteger(arguments.Get(1, "stop"));
        long step = arguments.Integer(2, "step", 1);
        if (step == 0)
            throw new JinjaError("range() arg 3 must not be zero");
        double count = Math.Ceiling(((double)stop - start) / step);
        if (count > LongestRange)
            throw new JinjaError($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({LongestRange}).");
        arguments.Budget.Step((long)Math.Max(count, 0));
        List<object?> numbers = [];
        for (int i = 0; i < count; i++)
            numbers.Add(start + i * step);
        return new PythonList(numbers);
    }
}
