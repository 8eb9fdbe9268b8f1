"""The explorer's words in both languages. Code names stay as the book writes them."""

from __future__ import annotations

from state import Problem

ES = {
    "title": "El explorador de capas",
    "subtitle": "Mira cómo nace un número y cómo vuelve su gradiente",
    "other_language": "English",
    "to_dark": "Tema oscuro",
    "to_light": "Tema claro",
    "copy": "Copiar enlace",
    "copied": "Enlace copiado",
    "not_copied": "Copia el enlace de aquí:",
    "surprise": "Sorpréndeme",
    "settings": "Ajustes",
    "layer": "Capa y recorrido",
    "what_in": "Entrada",
    "what_filter": "Filtro y ventana",
    "what_back": "Hacia atrás",
    "op": "Operación",
    "op_conv": "convolución",
    "op_max": "pooling máximo",
    "op_average": "pooling medio",
    "view": "Recorrido",
    "view_forward": "hacia delante",
    "view_backward": "hacia atrás",
    "guess": "Adivinar cada número antes de verlo",
    "input": "Imagen",
    "input_digit": "un dígito",
    "input_edge": "un borde",
    "input_checkerboard": "un tablero",
    "input_cross": "una cruz",
    "input_gradient": "un degradado",
    "input_own": "números propios",
    "size": "Tamaño",
    "channels": "Canales",
    "filter": "Filtro",
    "filter_sobel-x": "Sobel horizontal",
    "filter_sobel-y": "Sobel vertical",
    "filter_identity": "identidad",
    "filter_blur": "desenfoque",
    "filter_sharpen": "realce",
    "filter_laplacian": "laplaciano",
    "filter_random": "al azar",
    "filter_own": "números propios",
    "f": "f",
    "f_hint": "ventana",
    "stride": "stride",
    "pad": "pad",
    "bias": "b",
    "bias_hint": "sesgo",
    "dz": "Gradiente que llega",
    "dz_ones": "todo unos",
    "dz_random": "al azar",
    "dz_one": "solo la celda marcada",
    "ties": "Empates en el máximo",
    "ties_all": "cada máximo (el libro)",
    "ties_first": "solo el primero (PyTorch)",
    "seed": "Semilla",
    "first": "Primer paso",
    "back": "Paso atrás",
    "play": "Reproducir",
    "pause": "Pausa",
    "next": "Paso adelante",
    "last": "Último paso",
    "steps": "Pasos",
    "step_of": "paso {step} de {steps}",
    "keys": (
        "Teclado: ← y → dan un paso, espacio reproduce o pausa, Inicio y Fin van a los extremos. "
        "Con Tab se llega a cada cuadrícula y las flechas se mueven por ella; en la entrada y en "
        "el filtro se escribe un número encima, y en la salida se elige la celda."
    ),
    "A": "Entrada",
    "A_padded": "Entrada con su relleno",
    "channel": "canal {c}",
    "window": "ventana",
    "kernel": "filtro",
    "products": "productos",
    "Z": "Salida",
    "makes": "Así se hace este número",
    "sends": "Lo que devuelve este paso",
    "arrives": "Gradiente que llega",
    "total": "Acumulado hasta este paso",
    "mask": "máscara",
    "share": "reparto",
    "edit_hint": "Toca un número para cambiarlo.",
    "pick_hint": "Toca una celda para ir a ella.",
    "cell": "fila {r}, columna {c}: {v}",
    "in_window": "en la ventana",
    "in_padding": "relleno",
    "unread": "ninguna ventana la lee",
    "current": "celda marcada",
    "gets": "recibe gradiente",
    "max_here": "máximo",
    "done": "ya hecha",
    "legend_window": "la ventana",
    "legend_padding": "relleno con ceros",
    "legend_unread": "no la lee ninguna ventana",
    "legend_current": "la celda marcada",
    "legend_done": "ya hecha",
    "legend_max": "el máximo de la ventana",
    "legend_gets": "recibe gradiente en este paso",
    "formula": "Tamaño de la salida",
    "no_output": (
        "No hay salida: la ventana de {f} × {f} no cabe en una entrada de {n_H} × {n_W}{padded}. "
        "Hace falta que f ≤ n + 2·pad; prueba con f más pequeño{or_pad}."
    ),
    "no_output_padded": " con relleno {pad} ({p_H} × {p_W})",
    "no_output_or_pad": " o con más pad",
    "no_output_short": "no cabe ni una ventana",
    "unread_rows": "El stride deja sin leer: {what}.",
    "rows": "las filas {n}",
    "row": "la fila {n}",
    "columns": "las columnas {n}",
    "column": "la columna {n}",
    "of_padded": " (contadas con el relleno)",
    "and": " y ",
    "ask": "¿Cuánto vale {Z}? Escríbelo en la celda del «?». {hint}",
    "hint_conv": "Se suman los productos y se añade el sesgo.",
    "hint_max": "Es el mayor de la ventana.",
    "hint_average": "Es la media de la ventana.",
    "wrong": "{guess} no es. {hint}",
    "right": "¡Exacto!",
    "say_conv": "{Z}: {terms}; la suma es {sum}, y con el sesgo {b} da {z}.",
    "say_terms": "se suman {n} productos",
    "say_max": "{Z}: el mayor de los {n} números de la ventana es {z}.",
    "say_average": "{Z}: los {n} números de la ventana suman {sum}; su media es {z}.",
    "say_conv_back": (
        "{Z} recibe {dz}. A la ventana de dA_prev le suma W · {dz}, "
        "a dW le suma la ventana · {dz}, y a db le suma {dz}: db va por {db}."
    ),
    "say_conv_back_zero": "{Z} recibe 0: este paso no cambia dA_prev, dW ni db (db sigue en {db}).",
    "say_max_back": (
        "{Z} recibe {dz}. El máximo de la ventana, {max}, está en {where}: ahí va {dz}."
    ),
    "say_max_back_ties": (
        "{Z} recibe {dz}. El máximo de la ventana, {max}, aparece {n} veces. "
        "Cada una recibe {dz} entero, así que dA_prev crece en {all} y no en {dz}."
    ),
    "say_max_back_first": (
        "{Z} recibe {dz}. El máximo de la ventana, {max}, aparece {n} veces. "
        "Solo la primera, en {where}, recibe {dz}."
    ),
    "say_average_back": (
        "{Z} recibe {dz} y lo reparte por igual: cada una de las {n} celdas de la ventana "
        "recibe {dz} / {n} = {share}."
    ),
    "at": "la fila {r}, columna {c}",
    "padding_lost": "Lo que cae en el relleno se descarta: dA_prev tiene el tamaño de la entrada.",
    "code": "El código del libro en este paso",
    "code_is": "cnnlayers.loops.{name}; corre lo marcado con ▶",
    "running": "corre en este paso",
    "reading": "Leyendo la dirección…",
    "address": "En la dirección:",
    "error_choice": "«{value}» no es una opción de {key}: se espera {options}.",
    "error_whole": "{key}: se espera un número entero de {low} a {high}.",
    "error_number": "{key}: se espera un número entre {low} y {high}, como 2 o -0.5.",
    "error_numbers": (
        "{key}: se esperan 1 o 3 canales de filas igual de largas, "
        "como 1,2;3,4 (los canales se separan con ~)."
    ),
    "error_square": "{key}: se espera un filtro cuadrado de lado {limit} como mucho.",
    "error_cells": "{key}: se esperan como mucho {limit} filas y columnas.",
    "error_smallest": "El filtro «{filter}» necesita f ≥ {limit}.",
    "error_inside": "{key}: la salida solo llega hasta {limit}.",
    "error_parameter": "«{key}» no es un parámetro del explorador.",
    "error_cell": "Esa celda no existe.",
    "x": "entrada",
    "guessed": "tu número",
    "k": "filtro",
}

EN = {
    "title": "The layer explorer",
    "subtitle": "See a number being made, and its gradient being sent back",
    "other_language": "Español",
    "to_dark": "Dark theme",
    "to_light": "Light theme",
    "copy": "Copy link",
    "copied": "Link copied",
    "not_copied": "Copy the link from here:",
    "surprise": "Surprise me",
    "settings": "Settings",
    "layer": "Layer and direction",
    "what_in": "Input",
    "what_filter": "Filter and window",
    "what_back": "Backward",
    "op": "Operation",
    "op_conv": "convolution",
    "op_max": "max pooling",
    "op_average": "average pooling",
    "view": "Direction",
    "view_forward": "forward",
    "view_backward": "backward",
    "guess": "Guess each number before seeing it",
    "input": "Image",
    "input_digit": "a digit",
    "input_edge": "an edge",
    "input_checkerboard": "a checkerboard",
    "input_cross": "a cross",
    "input_gradient": "a gradient",
    "input_own": "numbers of your own",
    "size": "Size",
    "channels": "Channels",
    "filter": "Filter",
    "filter_sobel-x": "horizontal Sobel",
    "filter_sobel-y": "vertical Sobel",
    "filter_identity": "identity",
    "filter_blur": "blur",
    "filter_sharpen": "sharpen",
    "filter_laplacian": "Laplacian",
    "filter_random": "random",
    "filter_own": "numbers of your own",
    "f": "f",
    "f_hint": "window",
    "stride": "stride",
    "pad": "pad",
    "bias": "b",
    "bias_hint": "bias",
    "dz": "Gradient that arrives",
    "dz_ones": "all ones",
    "dz_random": "random",
    "dz_one": "only the marked cell",
    "ties": "Ties for the maximum",
    "ties_all": "every maximum (the book)",
    "ties_first": "only the first (PyTorch)",
    "seed": "Seed",
    "first": "First step",
    "back": "Step back",
    "play": "Play",
    "pause": "Pause",
    "next": "Step forward",
    "last": "Last step",
    "steps": "Steps",
    "step_of": "step {step} of {steps}",
    "keys": (
        "Keyboard: ← and → take a step, space plays or pauses, Home and End go to either end. "
        "Tab reaches each grid and the arrows move in it; in the input and the filter you type "
        "over a number, in the output you choose the cell."
    ),
    "A": "Input",
    "A_padded": "Input with its padding",
    "channel": "channel {c}",
    "window": "window",
    "kernel": "filter",
    "products": "products",
    "Z": "Output",
    "makes": "How this number is made",
    "sends": "What this step sends back",
    "arrives": "Gradient that arrives",
    "total": "Added up to this step",
    "mask": "mask",
    "share": "shares",
    "edit_hint": "Tap a number to change it.",
    "pick_hint": "Tap a cell to go there.",
    "cell": "row {r}, column {c}: {v}",
    "in_window": "in the window",
    "in_padding": "padding",
    "unread": "no window reads it",
    "current": "marked cell",
    "gets": "receives gradient",
    "max_here": "maximum",
    "done": "already made",
    "legend_window": "the window",
    "legend_padding": "zero padding",
    "legend_unread": "no window reads it",
    "legend_current": "the marked cell",
    "legend_done": "already made",
    "legend_max": "the maximum of the window",
    "legend_gets": "receives gradient in this step",
    "formula": "Size of the output",
    "no_output": (
        "There is no output: the {f} × {f} window does not fit into an input of {n_H} × {n_W}"
        "{padded}. It needs f ≤ n + 2·pad; try a smaller f{or_pad}."
    ),
    "no_output_padded": " with padding {pad} ({p_H} × {p_W})",
    "no_output_or_pad": " or more pad",
    "no_output_short": "not even one window fits",
    "unread_rows": "The stride leaves unread: {what}.",
    "rows": "rows {n}",
    "row": "row {n}",
    "columns": "columns {n}",
    "column": "column {n}",
    "of_padded": " (counted with the padding)",
    "and": " and ",
    "ask": "What is {Z}? Type it into the cell with the “?”. {hint}",
    "hint_conv": "Add up the products, then add the bias.",
    "hint_max": "It is the largest of the window.",
    "hint_average": "It is the mean of the window.",
    "wrong": "It is not {guess}. {hint}",
    "right": "Exactly!",
    "say_conv": "{Z}: {terms}; the sum is {sum}, and with the bias {b} it makes {z}.",
    "say_terms": "{n} products are added",
    "say_max": "{Z}: the largest of the {n} numbers in the window is {z}.",
    "say_average": "{Z}: the {n} numbers in the window add up to {sum}; their mean is {z}.",
    "say_conv_back": (
        "{Z} receives {dz}. It adds W · {dz} to its window of dA_prev, the window · {dz} to dW, "
        "and {dz} to db: db is now {db}."
    ),
    "say_conv_back_zero": (
        "{Z} receives 0: this step leaves dA_prev, dW and db as they are (db is {db})."
    ),
    "say_max_back": (
        "{Z} receives {dz}. The window's maximum, {max}, is at {where}: {dz} goes there."
    ),
    "say_max_back_ties": (
        "{Z} receives {dz}. The window's maximum, {max}, occurs {n} times. "
        "Each receives all of {dz}, so dA_prev grows by {all} and not by {dz}."
    ),
    "say_max_back_first": (
        "{Z} receives {dz}. The window's maximum, {max}, occurs {n} times. "
        "Only the first, at {where}, receives {dz}."
    ),
    "say_average_back": (
        "{Z} receives {dz} and shares it out equally: each of the {n} cells of the window "
        "receives {dz} / {n} = {share}."
    ),
    "at": "row {r}, column {c}",
    "padding_lost": "What falls on the padding is dropped: dA_prev has the size of the input.",
    "code": "The book's code at this step",
    "code_is": "cnnlayers.loops.{name}; what is marked ▶ is running",
    "running": "runs at this step",
    "reading": "Reading the address…",
    "address": "In the address:",
    "error_choice": "“{value}” is not an option of {key}: expected {options}.",
    "error_whole": "{key}: expected a whole number from {low} to {high}.",
    "error_number": "{key}: expected a number between {low} and {high}, such as 2 or -0.5.",
    "error_numbers": (
        "{key}: expected 1 or 3 channels of rows of equal length, "
        "such as 1,2;3,4 (channels are separated by ~)."
    ),
    "error_square": "{key}: expected a square filter of side {limit} at most.",
    "error_cells": "{key}: expected at most {limit} rows and columns.",
    "error_smallest": "The filter “{filter}” needs f ≥ {limit}.",
    "error_inside": "{key}: the output only reaches {limit}.",
    "error_parameter": "“{key}” is not a parameter of the explorer.",
    "error_cell": "There is no such cell.",
    "x": "input",
    "guessed": "your number",
    "k": "filter",
}

WORDS = {"es": ES, "en": EN}


def explain(problem: Problem, lang: str) -> str:
    """Say what was expected in the place of a value that was not taken."""
    words, bounds = WORDS[lang], problem.bounds
    values = {"key": words.get(problem.key, problem.key), "value": problem.value}
    if problem.expected == "choice":
        values["options"] = ", ".join(str(option) for option in bounds if option)
    elif problem.expected in ("whole", "number"):
        values["low"], values["high"] = bounds
    elif problem.expected == "smallest":
        values["filter"], values["limit"] = words[f"filter_{bounds[0]}"], bounds[1]
    elif bounds:
        values["limit"] = bounds[0]
    return words[f"error_{problem.expected}"].format(**values)
