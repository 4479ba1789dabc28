// What other scripts of a page define: MathJax, reveal.js and its notes, Sphinx's search; COURSE: what the home page knows of the lessons.
interface Window { MathJax: any }
declare const COURSE: any;
declare const MathJax: any;
declare const Reveal: any;
declare const RevealNotes: any;
declare const Search: any;
