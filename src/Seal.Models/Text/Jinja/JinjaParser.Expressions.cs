namespace Seal.Models.Text.Jinja;

/// <summary>Expressions, from the loosest binding to the tightest, with jinja2's precedences.</summary>
internal sealed partial class JinjaParser
{
    private Expression TakeExpression(bool withConditional = true)
    {
        JinjaStack.Check(_name);
        Expression value = Or();
        while (withConditional && SkipName("if"))
        {
            Expression condition = Or();
            value = new Conditional(value.Line, condition, value, SkipName("else") ? TakeExpression() : null);
        }
        return value;
    }

    /// <summary>An expression, or with commas a tuple of them.</summary>
    private Expression TupleOrExpression(bool withConditional = true, string? end = null, bool inParentheses = false)
    {
        Token start = Current;
        List<Expression> items = [];
        bool isTuple = false;
        while (!AtTupleEnd())
        {
            items.Add(TakeExpression(withConditional));
            if (!SkipOperator(","))
                break;
            isTuple = true;
        }
        if (!isTuple && items.Count == 1)
            return items[0];
        if (items.Count == 0 && !inParentheses)
            throw Error("expected an expression", start);
        return new Sequence(start.Line, items, IsTuple: true);

        bool AtTupleEnd() => Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || Current.IsOperator(")") || (end is not null && Current.IsName(end));
    }

    private Expression Or()
    {
        Expression left = And();
        while (SkipName("or"))
            left = new Logical(left.Line, IsAnd: false, left, And());
        return left;
    }

    private Expression And()
    {
        Expression left = Not();
        while (SkipName("and"))
            left = new Logical(left.Line, IsAnd: true, left, Not());
        return left;
    }

    private Expression Not()
    {
        JinjaStack.Check(_name);
        Token start = Current;
        return SkipName("not") ? new Unary(start.Line, "not", Not()) : Compare();
    }

    private Expression Compare()
    {
        Expression first = Sum();
        List<(string, Expression)> rest = [];
        while (true)
        {
            if (Current.Kind == TokenKind.Operator && Current.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
                rest.Add((Next().Text, Sum()));
            else if (SkipName("in"))
                rest.Add(("in", Sum()));
            else if (Current.IsName("not") && _tokens[_position + 1].IsName("in"))
            {
                _position += 2;
                rest.Add(("not in", Sum()));
            }
            else
                return rest.Count == 0 ? first : new Comparison(first.Line, first, rest);
        }
    }

    private Expression Sum() => LeftToRight(Concatenate, "+", "-");

    private Expression Concatenate()
    {
        Expression first = Product();
        if (!Current.IsOperator("~"))
            return first;
        List<Expression> items = [first];
        while (SkipOperator("~"))
            items.Add(Product());
        return new Concatenation(first.Line, items);
    }

    private Expression Product() => LeftToRight(Power, "*", "/", "//", "%");

    // Left to right too, unlike Python's: so jinja2 does it.
    private Expression Power() => LeftToRight(() => Sign(withFilters: true), "**");

    private Expression LeftToRight(Func<Expression> operand, params ReadOnlySpan<string> operators)
    {
        Expression left = operand();
        while (Current.Kind == TokenKind.Operator && operators.Contains(Current.Text))
            left = new Binary(left.Line, Next().Text, left, operand());
        return left;
    }

    private Expression Sign(bool withFilters)
    {
        JinjaStack.Check(_name);
        Token start = Current;
        Expression value = start.IsOperator("-") || start.IsOperator("+")
            ? new Unary(start.Line, Next().Text, Sign(withFilters: false))
            : Postfix(Primary());
        return withFilters ? FiltersAndTests(value) : value;
    }

    private Expression Primary()
    {
        Token token = Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new Constant(token.Line, true),
                    "false" or "False" => new Constant(token.Line, false),
                    "none" or "None" => new Constant(token.Line, null),
                    _ => new NameReference(token.Line, token.Text),
                };
            case TokenKind.String:
                string text = token.Text;
                while (Current.Kind == TokenKind.String)
                    text += Next().Text;
                return new Constant(token.Line, text);
            case TokenKind.Integer or TokenKind.Float:
                return new Constant(token.Line, token.Number);
            case TokenKind.Operator when token.Text == "(":
                Expression inner = TupleOrExpression(inParentheses: true);
                ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                return new Sequence(token.Line, Items("]", () => TakeExpression()), IsTuple: false);
            case TokenKind.Operator when token.Text == "{":
                return new Mapping(token.Line, Items("}", () =>
                {
                    Expression key = TakeExpression();
                    ExpectOperator(":");
                    return (key, TakeExpression());
                }));
            default:
                throw Error("expected an expression", token);
        }
    }

    private List<T> Items<T>(string end, Func<T> item)
    {
        List<T> items = [];
        while (!SkipOperator(end))
        {
            items.Add(item());
            if (!Current.IsOperator(end))
                ExpectOperator(",");
        }
        return items;
    }

    private Expression Postfix(Expression value)
    {
        while (true)
        {
            if (SkipOperator("."))
            {
                Token attribute = Next();
                value = attribute.Kind switch
                {
                    TokenKind.Name => new GetAttribute(attribute.Line, value, attribute.Text),
                    TokenKind.Integer => new GetItem(attribute.Line, value, new Constant(attribute.Line, attribute.Number)),
                    _ => throw Error("expected an attribute's name or number", attribute),
                };
            }
            else if (Current.IsOperator("["))
            {
                Token open = Next();
                List<Expression> keys = Items("]", Subscript);
                value = new GetItem(open.Line, value, keys.Count switch
                {
                    0 => throw Error("expected a subscript", open),
                    1 => keys[0],
                    _ => new Sequence(open.Line, keys, IsTuple: true),
                });
            }
            else if (Current.IsOperator("("))
                value = new Call(Current.Line, value, Arguments());
            else
                return value;
        }
    }

    private Expression Subscript()
    {
        Token start = Current;
        Expression? first = Current.IsOperator(":") ? null : TakeExpression();
        if (!SkipOperator(":"))
            return first!;
        Expression? stop = AtEnd() || Current.IsOperator(":") ? null : TakeExpression();
        Expression? step = SkipOperator(":") && !AtEnd() ? TakeExpression() : null;
        return new Slice(start.Line, first, stop, step);

        bool AtEnd() => Current.IsOperator("]") || Current.IsOperator(",");
    }

    private Expression FiltersAndTests(Expression value)
    {
        while (true)
        {
            if (Current.IsOperator("|"))
                value = Filters(value, startInline: false)!;
            else if (Current.IsName("is"))
                value = TakeTest(value);
            else if (Current.IsOperator("("))
                value = new Call(Current.Line, value, Arguments());
            else
                return value;
        }
    }

    private Filter? Filters(Expression? target, bool startInline)
    {
        Filter? filter = null;
        while (startInline || Current.IsOperator("|"))
        {
            if (!startInline)
                Next();
            startInline = false;
            Token name = Expect(TokenKind.Name, "a filter's name");
            filter = new Filter(name.Line, filter ?? target, name.Text, Current.IsOperator("(") ? Arguments() : CallArguments.None);
        }
        return filter;
    }

    private Expression TakeTest(Expression target)
    {
        Next();
        bool isNegated = SkipName("not");
        Token name = Expect(TokenKind.Name, "a test's name");
        CallArguments arguments = CallArguments.None;
        if (Current.IsOperator("("))
            arguments = Arguments();
        else if (Current.IsName("is"))
            throw Error("tests with 'is' cannot be chained", Current);
        else if (Current.Kind is TokenKind.Name or TokenKind.String or TokenKind.Integer or TokenKind.Float || Current.IsOperator("[") || Current.IsOperator("{"))
        {
            if (!(Current.IsName("else") || Current.IsName("or") || Current.IsName("and")))
                arguments = CallArguments.None with { Positional = [Postfix(Primary())] };
        }
        Expression test = new Test(name.Line, target, name.Text, arguments);
        return isNegated ? new Unary(name.Line, "not", test) : test;
    }

    private CallArguments Arguments()
    {
        List<Expression> positional = [];
        List<(string, Expression)> named = [];
        Expression? spread = null;
        Expression? namedSpread = null;
        ExpectOperator("(");
        while (!SkipOperator(")"))
        {
            Token start = Current;
            if (SkipOperator("*"))
                spread = spread is null && namedSpread is null ? TakeExpression() : throw Error("'*' stands twice or behind '**'", start);
            else if (SkipOperator("**"))
                namedSpread = namedSpread is null ? TakeExpression() : throw Error("'**' stands twice", start);
            else if (start.Kind == TokenKind.Name && _tokens[_position + 1].IsOperator("="))
            {
                _position += 2;
                named.Add((start.Text, TakeExpression()));
            }
            else if (named.Count > 0 || spread is not null || namedSpread is not null)
                throw Error("a positional argument follows a named one", start);
            else
                positional.Add(TakeExpression());
            if (!Current.IsOperator(")"))
                ExpectOperator(",");
        }
        return new CallArguments(positional, named, spread, namedSpread);
    }
}
