using System.Text;

namespace Seal.Models.Text.Jinja;

internal sealed partial class JinjaInterpreter
{
    private object? Evaluate(Expression expression, Scope scope)
    {
        JinjaStack.Check(_name);
        _budget.Step();
        switch (expression)
        {
            case Constant constant:
                return constant.Value;
            case NameReference name:
                return scope.TryGet(name.Name, out object? value) ? value : new Undefined($"'{name.Name}' is undefined");
            case GetAttribute attribute:
                return Attribute(Evaluate(attribute.Target, scope), attribute.Name);
            case GetItem { Key: Slice slice } item:
                object? sliced = Evaluate(item.Target, scope);
                _budget.ChargeReading(sliced);
                return PythonOperators.Sliced(sliced, Optional(slice.Start), Optional(slice.Stop), Optional(slice.Step));
            case GetItem item:
                return Item(Evaluate(item.Target, scope), Evaluate(item.Key, scope));
            case Call call:
                return Invoke(call, scope, caller: null);
            case Filter filter:
                return ApplyFilters(filter, null, scope);
            case Test test:
                return JinjaTests.Holds(test.Name, Collect(test.Name, test.Arguments, scope, Evaluate(test.Target, scope)));
            case Conditional choice:
                return PythonValues.IsTrue(Evaluate(choice.Condition, scope)) ? Evaluate(choice.Then, scope)
                    : choice.Else is not null ? Evaluate(choice.Else, scope)
                    : new Undefined("the inline if-expression evaluated to false and no else section was defined.");
            case Logical logical:
                object? left = Evaluate(logical.Left, scope);
                return PythonValues.IsTrue(left) == logical.IsAnd ? Evaluate(logical.Right, scope) : left;
            case Comparison comparison:
                return Compare(comparison, scope);
            case Unary { Operator: "not" } not:
                return !PythonValues.IsTrue(Evaluate(not.Operand, scope));
            case Unary sign:
                return PythonOperators.Sign(sign.Operator, Evaluate(sign.Operand, scope));
            case Binary binary:
                return PythonOperators.Apply(binary.Operator, Evaluate(binary.Left, scope), Evaluate(binary.Right, scope), _budget);
            case Concatenation concatenation:
                StringBuilder text = new();
                foreach (Expression part in concatenation.Items)
                    Write(PythonValues.Text(Evaluate(part, scope)), text);
                return text.ToString();
            case Sequence sequence:
                return new PythonList([.. sequence.Items.Select(item => Evaluate(item, scope))], sequence.IsTuple);
            case Mapping mapping:
                PythonMap map = new();
                foreach ((Expression key, Expression item) in mapping.Items)
                    map[Evaluate(key, scope)] = Evaluate(item, scope);
                return map;
            default:
                throw new JinjaError("a slice stands where a value is expected");
        }

        object? Optional(Expression? part) => part is null ? null : Evaluate(part, scope);
    }

    /// <summary><c>value.name</c>: a method first, then an item of that name.</summary>
    public object? Attribute(object? value, string name)
    {
        switch (value)
        {
            case Undefined undefined:
                throw undefined.Error();
            case Namespace space when space.Attributes.TryGetValue(name, out object? attribute):
                return attribute;
            case Loop loop when loop.TryGet(name, out object? part):
                return part;
            case Callable callable when name == "name":
                return callable.Name;
        }
        return PythonMethods.TryGet(value, name, out object? method) || PythonOperators.TryItem(value, name, out method)
            ? method
            : new Undefined($"'{ObjectName(value)}' has no attribute '{name}'");
    }

    /// <summary><c>value[key]</c>: an item first, then an attribute of that name.</summary>
    public object? Item(object? value, object? key)
    {
        if (value is Undefined undefined)
            throw undefined.Error();
        if (value is string)
            _budget.ChargeReading(value);
        if (PythonOperators.TryItem(value, key, out object? item))
            return item;
        return key is string name ? Attribute(value, name) : new Undefined($"{ObjectName(value)} has no element {PythonValues.Representation(key)}");
    }

    private static string ObjectName(object? value) => value is null ? "None" : $"{PythonValues.TypeName(value)} object";

    private object? Invoke(Call call, Scope scope, Callable? caller)
    {
        object? target = Evaluate(call.Target, scope);
        Arguments arguments = Collect((target as Callable)?.Name ?? "loop", call.Arguments, scope);
        if (caller is not null)
            arguments.Named["caller"] = caller;
        return target switch
        {
            Callable callable => callable.Invoke(arguments),
            Loop loop => loop.Recurse(arguments.Get(0, "iterable")),
            Undefined undefined => throw undefined.Error(),
            _ => throw new JinjaError($"'{PythonValues.TypeName(target)}' object is not callable"),
        };
    }

    /// <summary>A chain of filters, the innermost first; where it begins without a value, with <paramref name="start"/>.</summary>
    private object? ApplyFilters(Filter filter, string? start, Scope scope)
    {
        JinjaStack.Check(_name);
        object? value = filter.Target switch
        {
            null => start,
            Filter inner => ApplyFilters(inner, start, scope),
            Expression target => Evaluate(target, scope),
        };
        _budget.Step();
        return JinjaFilters.Apply(filter.Name, Collect(filter.Name, filter.Arguments, scope, value), this);
    }

    private Arguments Collect(string function, CallArguments arguments, Scope scope, params ReadOnlySpan<object?> first)
    {
        List<object?> positional = [.. first];
        foreach (Expression argument in arguments.Positional)
            positional.Add(Evaluate(argument, scope));
        if (arguments.Spread is not null)
            positional.AddRange(PythonValues.Iterate(Evaluate(arguments.Spread, scope)));
        Dictionary<string, object?> named = [];
        foreach ((string name, Expression value) in arguments.Named)
            named[name] = Evaluate(value, scope);
        if (arguments.NamedSpread is not null)
        {
            if (Evaluate(arguments.NamedSpread, scope) is not PythonMap map)
                throw new JinjaError($"{function}() argument after ** must be a mapping");
            foreach ((object? key, object? value) in map.Items)
                named[key as string ?? throw new JinjaError("keywords must be strings")] = value;
        }
        return new Arguments(function, positional, named, _budget);
    }

    /// <summary>Chained, as in <c>0 &lt; n &lt; 3</c>: every operand once, up to the first that does not hold.</summary>
    private object Compare(Comparison comparison, Scope scope)
    {
        object? left = Evaluate(comparison.First, scope);
        foreach ((string symbol, Expression expression) in comparison.Rest)
        {
            object? right = Evaluate(expression, scope);
            _budget.ChargeReading(left);
            _budget.ChargeReading(right);
            bool holds = symbol switch
            {
                "==" => PythonValues.AreEqual(left, right),
                "!=" => !PythonValues.AreEqual(left, right),
                "in" => PythonValues.Contains(right, left),
                "not in" => !PythonValues.Contains(right, left),
                "<" => PythonValues.Compare(left, right, symbol) < 0,
                "<=" => PythonValues.Compare(left, right, symbol) <= 0,
                ">" => PythonValues.Compare(left, right, symbol) > 0,
                _ => PythonValues.Compare(left, right, symbol) >= 0,
            };
            if (!holds)
                return false;
            left = right;
        }
        return true;
    }
}
